/*
 * Threads, children that do not exec, and processes that live for some tens of milliseconds.
 */
#define _GNU_SOURCE
#include "oracle.h"

#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

LEAF(main_leaf)
TEN(LINK, main_, , main_leaf)

/* 1. Threads that run all the time, and threads that live for one leaf. */
LEAF(thread_leaf)
TEN(LINK, thread_, , thread_leaf)

HOT void *run_thread(void *argument)
{
	word a = (word)argument;

	while (!expired())
		a += thread_0(a, 3);
	KEEP(a);
	return NULL;
}

static pthread_t threads[2];

HOT void start_threads(void)
{
	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, run_thread, NULL))
			exit(1);
}

HOT void join_threads(void)
{
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	__asm__ volatile("" ::: "memory");
}

LEAF(brief_leaf)
TEN(LINK, brief_, , brief_leaf)

HOT void *run_brief(void *argument)
{
	word a = brief_0((word)argument, 3);

	KEEP(a);
	return NULL;
}

HOT void start_brief(void)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, run_brief, NULL))
		pthread_join(thread, NULL);
	__asm__ volatile("" ::: "memory");
}

/* 2. A child with its parent's memory. */
LEAF(child_leaf)
TEN(LINK, child_, , child_leaf)

HOT void fork_child(void)
{
	pid_t child = fork();

	if (!child) {
		for (word i = 0; i < 10; i++)
			child_0(i, 3);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	__asm__ volatile("" ::: "memory");
}

/* 3. The same program once more, for a short life. */
LEAF(again_leaf)
TEN(LINK, again_, , again_leaf)

HOT void spawn_again(char *program)
{
	char *arguments[] = {program, (char *)"--again", NULL};
	pid_t child;

	if (!posix_spawn(&child, program, NULL, NULL, arguments, environ))
		waitpid(child, NULL, 0);
	__asm__ volatile("" ::: "memory");
}

static int print_tree(void)
{
	expect_range("main;", "main_%d", 10, "main_leaf");
	expect_range("run_thread;", "thread_%d", 10, "thread_leaf");
	expect_range("run_brief;", "brief_%d", 10, "brief_leaf");
	expect("main;start_brief;*");
	expect_range("main;fork_child;", "child_%d", 10, "child_leaf");
	expect("main;fork_child;*");
	expect_range("main;", "again_%d", 10, "again_leaf");
	expect("main;spawn_again;*");
	expect("main;start_threads;*");
	expect("main;join_threads;*");
	expect_main();
	expect("run_thread;expired;*");
	return 0;
}

int main(int argc, char **argv)
{
	word a = (word)argc;

	if (argc > 1 && !strcmp(argv[1], "--again")) {
		for (int i = 0; i < 20; i++)
			a += again_0(a, 3);
		KEEP(a);
		return 0;
	}
	if (!oracle_run(argc, argv))
		return print_tree();
	start_threads();
	while (!expired()) {
		for (int i = 0; i < 5; i++)
			a += main_0(a, 3);
		start_brief();
		fork_child();
		spawn_again(argv[0]);
	}
	join_threads();
	KEEP(a);
	return 0;
}
