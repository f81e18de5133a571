/* The C in the middle of Go's stacks. */
#define ORACLE_LIBRARY
#include "../oracle.h"

extern word goBack(word a, word b);

LEAF(c_first_leaf)
LINK(c_first_2, c_first_leaf)
LINK(c_first_1, c_first_2)
LINK(c_first_0, c_first_1)

LINK(c_second_2, goBack)
LINK(c_second_1, c_second_2)
LINK(c_second_0, c_second_1)
