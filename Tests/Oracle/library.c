/*
 * A shared library, built under several names: NAME is in front of its functions' names, PAD is
 * what its frames hold, so that two builds have other code and other frames at equal addresses.
 */
#define ORACLE_LIBRARY
#include "oracle.h"

#define JOIN2(a, b) a##b
#define JOIN(a, b)  JOIN2(a, b)
#define OWN(name)   JOIN(NAME, name)

#define LINK_PADDED(name, next)                                                                    \
	HOT word name(word a, word b)                                                              \
	{                                                                                          \
		char room[PAD], *p = room;                                                         \
                                                                                                   \
		KEEP(p);                                                                           \
		p[0] = (char)b;                                                                    \
		burn(TRANSIT_TIME);                                                                \
		a = next(a * 3 + 1, b);                                                            \
		KEEP(p);                                                                           \
		return a + (word)p[0];                                                             \
	}

/* Called so often that the linkage stubs get samples. */
HOT word OWN(_tiny)(word a, word b)
{
	KEEP(a);
	return a + b;
}

HOT word OWN(_saves)(word a, word b)
{
	word c = a * b;

	__asm__ volatile("" : "+r"(c)::"rbx", "r12", "r13", "r14", "memory");
	return c + a;
}

LEAF(OWN(_leaf))
LINK_PADDED(OWN(_5), OWN(_leaf))
LINK_PADDED(OWN(_4), OWN(_5))
LINK_PADDED(OWN(_3), OWN(_4))
LINK_PADDED(OWN(_2), OWN(_3))
LINK_PADDED(OWN(_1), OWN(_2))
LINK_PADDED(OWN(_0), OWN(_1))

/* Calls back into the program. */
HOT word OWN(_back)(word a, word b, word (*function)(word, word))
{
	burn(TRANSIT_TIME);
	a = function(b, a);
	KEEP(a);
	return a + b;
}
