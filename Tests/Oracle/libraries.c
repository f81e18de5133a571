/*
 * Calls into shared libraries: through linkage stubs, back into the program, and into libraries
 * that are loaded and unloaded while the program runs, one at the address of the other.
 */
#include "oracle.h"

#include <dlfcn.h>

word linked_tiny(word a, word b);
word linked_saves(word a, word b);
word linked_0(word a, word b);
word linked_back(word a, word b, word (*function)(word, word));

/* 1. A tight loop through the stubs. */
HOT word stubs(word a, word b)
{
	for (word i = 0; i < 300000; i++) {
		a += linked_tiny(a, b);
		b ^= linked_saves(b, i);
	}
	return a + b;
}
TEN(LINK, stub_, , stubs)

/* 2. A chain inside of the library. */
LINK(inside, linked_0)

/* 3. Program, library, program. */
LEAF(back_leaf)
LINK(back_link, back_leaf)

HOT word there_and_back(word a, word b)
{
	burn(TRANSIT_TIME);
	a = linked_back(a, b, back_link);
	KEEP(a);
	return a + b;
}

/* 4. Two libraries in turn; each stays long enough to be sampled. */
#define TURN_LEAVES 20

HOT void *load(const char *directory, const char *name)
{
	char path[4096];
	void *library;

	snprintf(path, sizeof(path), "%s/lib%s.so", directory, name);
	library = dlopen(path, RTLD_NOW);
	if (!library) {
		fprintf(stderr, "%s\n", dlerror());
		exit(1);
	}
	return library;
}

HOT void unload(void *library)
{
	dlclose(library);
	__asm__ volatile("" ::: "memory");
}

HOT word (*look_up(void *library, const char *name))(word, word)
{
	word (*function)(word, word) = (word(*)(word, word))dlsym(library, name);

	KEEP(function);
	return function;
}

/* Two callers, so that each library's functions have one place in the tree. */
#define TURN(name, file, symbol)                                                                   \
	HOT word name(const char *directory, word a)                                               \
	{                                                                                          \
		void *library = load(directory, file);                                             \
		word (*function)(word, word) = look_up(library, symbol);                           \
                                                                                                   \
		for (int i = 0; i < TURN_LEAVES && !expired(); i++)                                \
			a += function(a, i);                                                       \
		unload(library);                                                                   \
		return a;                                                                          \
	}
TURN(turn_first, "first", "first_0")
TURN(turn_second, "second", "second_0")

static int print_tree(void)
{
	expect_range("main;", "stub_%d", 10, "stubs;linked_tiny");
	expect_range("main;", "stub_%d", 10, "stubs;linked_saves");
	expect_range("main;", "stub_%d", 10, "stubs;*"); /* stubs, and the loader at the first */
	expect_range("main;inside;", "linked_%d", 6, "linked_leaf");
	expect_each("main;inside;", "linked_%d", 6, "*"); /* the library's own stubs */
	expect("main;there_and_back;linked_back;back_link;back_leaf");
	expect("main;turn_first;load;*");
	expect("main;turn_first;unload;*");
	expect("main;turn_first;look_up;*");
	expect_range("main;turn_first;", "first_%d", 6, "first_leaf");
	expect_each("main;turn_first;", "first_%d", 6, "?");
	expect("main;turn_second;load;*");
	expect("main;turn_second;unload;*");
	expect("main;turn_second;look_up;*");
	expect_range("main;turn_second;", "second_%d", 6, "second_leaf");
	expect_each("main;turn_second;", "second_%d", 6, "?");
	expect("main;there_and_back;*");
	expect_main();
	expect("main;turn_first;expired;*");
	expect("main;turn_second;expired;*");
	return 0;
}

int main(int argc, char **argv)
{
	char directory[4096], *slash;
	word a = (word)argc;

	if (!oracle_run(argc, argv))
		return print_tree();
	snprintf(directory, sizeof(directory), "%s", argv[0]);
	slash = strrchr(directory, '/');
	if (slash)
		*slash = 0;
	while (!expired()) {
		for (int i = 0; i < 5; i++) {
			a += stub_0(a, 3);
			a += inside(a, 5);
			a += there_and_back(a, 7);
		}
		a += turn_first(directory, a);
		a += turn_second(directory, a);
	}
	KEEP(a);
	return 0;
}
