/*
 * What C++ adds: exceptions on their way through frames with and without clean-up, virtual calls,
 * lambdas, templates of the library that call back.
 */
#include "oracle.h"

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

/* 1. Exceptions: samples inside of the unwinder must reach main too. */
struct guard {
	word &count;

	HOT ~guard()
	{
		KEEP(count);
		count++;
	}
};

HOT word thrower(word a, word b)
{
	if (a + b != 1)
		throw std::runtime_error("thrown");
	return a;
}

/* Frames without clean-up: the unwinder passes them. */
TEN(LINK, passed_, , thrower)

HOT word cleaner(word a, word b)
{
	word count = 0;
	guard one{count};

	KEEP(a);
	a = passed_0(a | 2, b);
	KEEP(a);
	return a + count;
}

HOT word catcher(word a, word b)
{
	for (word i = 0; i < 100; i++) {
		try {
			a += cleaner(a, b);
		} catch (const std::exception &error) {
			a += (word)error.what()[0];
		}
		KEEP(a);
	}
	return a;
}
TEN(LINK, catch_, , catcher)

/* 2. Virtual calls, through a second base as well: a thunk adjusts `this`. */
LEAF(virtual_leaf)

namespace oracle
{
struct base {
	virtual ~base() = default;
	virtual word call(word a, word b) = 0;
};

struct other {
	word padding = 1;
	virtual ~other() = default;
	virtual word call_other(word a, word b) = 0;
};

struct derived : base, other {
	HOT word call(word a, word b) override
	{
		other *second = this;

		KEEP(second);
		burn(TRANSIT_TIME);
		a = second->call_other(a, b);
		KEEP(a);
		return a;
	}

	HOT word call_other(word a, word b) override
	{
		burn(TRANSIT_TIME);
		a = virtual_leaf(a, b);
		KEEP(a);
		return a + padding;
	}
};

template <typename T> HOT word instance(T a, word b)
{
	T room[4] = {a};
	T *p = room;

	KEEP(p);
	burn(LEAF_TIME);
	return (word)p[0] + b;
}

template <typename T> HOT word outer_instance(T a, word b)
{
	word c = instance<T>(a, b);

	KEEP(c);
	return c;
}
} // namespace oracle

HOT word dispatch(word a, word b)
{
	static oracle::derived object;
	oracle::base *p = &object;

	KEEP(p);
	a = p->call(a, b);
	KEEP(a);
	return a;
}

HOT word instantiate(word a, word b)
{
	a = oracle::outer_instance<double>((double)a, b);
	KEEP(a);
	return a;
}

/* 3. Lambdas, plain and behind std::function. */
LEAF(lambda_leaf)
LEAF(function_leaf)

HOT word with_lambda(word a, word b)
{
	auto lambda = [&](word c) __attribute__((noinline))
	{
		burn(TRANSIT_TIME);
		c = lambda_leaf(c, b);
		KEEP(c);
		return c + b;
	};

	a = lambda(a);
	KEEP(a);
	return a;
}

HOT word with_function(word a, word b)
{
	std::function<word(word)> function = [&](word c) {
		c = function_leaf(c, b);
		KEEP(c);
		return c;
	};

	KEEP(a);
	a = function(a);
	KEEP(a);
	return a;
}

/* 4. The library's templates, compiled into the program, calling back. */
HOT bool before(const std::string &a, const std::string &b)
{
	return a.size() != b.size() ? a.size() < b.size() : a < b;
}

HOT word sorting(word a, word b)
{
	std::vector<std::string> words;

	for (word i = 0; i < 3000; i++)
		words.push_back(std::to_string((a + i) * 2654435761u % 1000003));
	std::sort(words.begin(), words.end(), before);
	KEEP(b);
	return words[b % 3000].size();
}
TEN(LINK, sort_, , sorting)

HOT word mapping(word a, word b)
{
	std::map<word, std::string> map;

	for (word i = 0; i < 2000; i++)
		map[(a ^ (i * 2654435761u)) % 4096] = "value";
	KEEP(b);
	return map.size();
}
TEN(LINK, map_, , mapping)

/* 5. A thread of the library. */
LEAF(thread_leaf)

HOT void thread_entry(word a)
{
	a = thread_leaf(a, 1);
	KEEP(a);
}

HOT word threading(word a)
{
	std::thread thread(thread_entry, a);

	thread.join();
	KEEP(a);
	return a;
}

static int print_tree(void)
{
	expect_range("main;", "catch_%d", 10, "catcher;*"); /* begin, end of the handler */
	expect_range("main;", "catch_%d", 10, "catcher;cleaner;*;guard::~guard");
	expect_ranges("main;", "catch_%d", 10, "catcher;cleaner;", "passed_%d", 10, "thrower;*");
	expect("main;dispatch;oracle::derived::call;oracle::derived::call_other;virtual_leaf");
	expect("main;instantiate;oracle::outer_instance;oracle::instance");
	expect("main;with_lambda;with_lambda::{lambda#1}::operator()|with_lambda::$_0::operator();"
	       "lambda_leaf");
	expect("main;with_function;*;function_leaf");
	expect_range("main;", "sort_%d", 10, "sorting;*;before;*");
	expect_range("main;", "map_%d", 10, "mapping;*");
	expect("*;thread_entry;thread_leaf");
	expect("main;threading;*");
	expect_main();
	return 0;
}

int main(int argc, char **argv)
{
	word a = (word)argc;

	if (!oracle_run(argc, argv))
		return print_tree();
	while (!expired()) {
		a += catch_0(a, 3);
		a += dispatch(a, 3);
		a += instantiate(a, 3);
		a += with_lambda(a, 3);
		a += with_function(a, 3);
		a += sort_0(a, 3);
		a += map_0(a, 3);
		a += threading(a);
	}
	KEEP(a);
	return 0;
}
