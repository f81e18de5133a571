// Go calls C, and C calls Go: one stack with both, on two stacks in memory. Go code has frame
// pointers and its own tables; C code has call frame information.
package main

/*
#cgo CFLAGS: -O2 -fomit-frame-pointer
typedef unsigned long word;
word c_first_0(word a, word b);
word c_second_0(word a, word b);
*/
import "C"

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

var sink uint64 = 1

func burn(microseconds uint64) {
	x := sink | 1
	for i := microseconds * 600; i != 0; i-- {
		x = x*6364136223846793005 + 1442695040888963407
	}
	sink = x
}

// 1. Go, C.

//go:noinline
func intoC1(a uint64) uint64 { return uint64(C.c_first_0(C.word(a), 3)) + 1 }

//go:noinline
func intoC0(a uint64) uint64 { return intoC1(a) + 1 }

// 2. Go, C, Go.

//go:noinline
func through1(a uint64) uint64 { return uint64(C.c_second_0(C.word(a), 3)) + 1 }

//go:noinline
func through0(a uint64) uint64 { return through1(a) + 1 }

//go:noinline
func backLeaf(a uint64) uint64 { burn(1500); return a + 1 }

//go:noinline
func back0(a uint64) uint64 { return backLeaf(a) + 1 }

//export goBack
//
//go:noinline
func goBack(a, b uint64) uint64 { return back0(a) + b }

//go:noinline
func expired(end time.Time) bool { return !time.Now().Before(end) }

func printTree() {
	// The names of cgo's own functions contain a hash, and the runtime's are its affair.
	into := "main.main;main.intoC0;main.intoC1;*;c_first_0;c_first_1;c_first_2;c_first_leaf"
	through := "main.main;main.through0;main.through1;*;c_second_0;c_second_1;c_second_2;*;"
	for _, chain := range []string{
		into,
		"main.main;main.intoC0;main.intoC1;*",
		through + "main.goBack;main.back0;main.backLeaf",
		"main.main;main.through0;main.through1;*",
		"main.main;main.expired;*",
	} {
		fmt.Printf("%s\t%s\n", chain[strings.LastIndex(chain, ";")+1:], chain)
	}
}

func main() {
	seconds := 10.0
	if len(os.Args) > 1 {
		if os.Args[1] == "--expect" {
			printTree()
			return
		}
		seconds, _ = strconv.ParseFloat(os.Args[1], 64)
	}
	end := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	for !expired(end) {
		sink += intoC0(sink)
		sink += through0(sink)
	}
}
