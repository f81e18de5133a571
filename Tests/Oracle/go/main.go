// What Go adds: goroutines on stacks that grow, closures, interfaces, deferred calls, panics that
// are recovered, and its own tables in place of call frame information.
package main

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"
)

const (
	leafTime    = 1500
	transitTime = 10
)

var sink uint64 = 1

// burn is inlined: its loop has no call.
func burn(microseconds uint64) {
	x := sink | 1
	for i := microseconds * 600; i != 0; i-- {
		x = x*6364136223846793005 + 1442695040888963407
	}
	sink = x
}

//go:noinline
func plainLeaf(a uint64) uint64 { burn(leafTime); return a + 1 }

//go:noinline
func plain3(a uint64) uint64 { burn(transitTime); return plainLeaf(a) + 1 }

//go:noinline
func plain2(a uint64) uint64 { burn(transitTime); return plain3(a) + 2 }

//go:noinline
func plain1(a uint64) uint64 { burn(transitTime); return plain2(a) + 3 }

//go:noinline
func plain0(a uint64) uint64 { burn(transitTime); return plain1(a) + 4 }

//go:noinline
func goroutineLeaf(a uint64) uint64 { burn(leafTime); return a + 2 }

//go:noinline
func goroutine1(a uint64) uint64 { return goroutineLeaf(a) + 1 }

//go:noinline
func goroutine0(a uint64, done chan<- uint64) { done <- goroutine1(a) }

type caller interface{ call(a uint64) uint64 }
type receiver struct{ value uint64 }

//go:noinline
func methodLeaf(a uint64) uint64 { burn(leafTime); return a + 3 }

//go:noinline
func (r *receiver) call(a uint64) uint64 { return methodLeaf(a) + r.value }

//go:noinline
func dispatch(c caller, a uint64) uint64 { return c.call(a) + 1 }

//go:noinline
func closureLeaf(a uint64) uint64 { burn(leafTime); return a + 4 }

//go:noinline
func apply(a uint64, f func(uint64) uint64) uint64 { return f(a) + 1 }

//go:noinline
func withClosure(a uint64) uint64 {
	return apply(a, func(b uint64) uint64 { return closureLeaf(a+b) + 1 })
}

//go:noinline
func deferredLeaf(a uint64) uint64 { burn(leafTime); return a + 5 }

//go:noinline
func recovering(a uint64) (result uint64) {
	defer func() {
		recover()
		result = deferredLeaf(a) + 1
	}()
	panicking(a)
	return 0
}

//go:noinline
func panicking(a uint64) { burn(transitTime); panic("oracle") }

//go:noinline
func before(numbers []uint64, i, j int) bool { burn(0); return numbers[i] < numbers[j] }

//go:noinline
func sorting(a uint64) uint64 {
	numbers := make([]uint64, 4000)
	for i := range numbers {
		numbers[i] = (a + uint64(i)) * 6364136223846793005
	}
	sort.Slice(numbers, func(i, j int) bool { return before(numbers, i, j) })
	return numbers[0]
}

//go:noinline
func formatting(a uint64) uint64 {
	text := ""
	for i := uint64(0); i < 1000; i++ {
		text = fmt.Sprintf("%d %s %x", a+i, "text", i)
	}
	return uint64(len(text))
}

//go:noinline
func recurseLeaf(a uint64) uint64 { burn(leafTime); return a + 6 }

//go:noinline
func recurse(depth, a uint64) uint64 {
	if depth > 1 {
		return recurse(depth-1, a^sink) + depth
	}
	return recurseLeaf(a) + 1
}

//go:noinline
func expired(end time.Time) bool { return !time.Now().Before(end) }

//go:noinline
func startAndWait(a uint64) uint64 {
	done := make(chan uint64)
	go goroutine0(a, done)
	return <-done
}

// The runtime enters at any call or, by a signal, anywhere.
const runtimeEntry = "~runtime.asyncPreempt|runtime.sigreturn|runtime.sigreturn__sigaction|" +
	"runtime.morestack_noctxt|runtime.morestack|runtime.newstack|runtime.gcWriteBarrier"

func printTree() {
	for _, chain := range []string{
		"main.main;main.plain0;main.plain1;main.plain2;main.plain3;main.plainLeaf",
		// `go f(a)` is a closure that calls f.
		"main.startAndWait.func1{0,1};main.goroutine0;main.goroutine1;main.goroutineLeaf",
		"main.startAndWait.func1{0,1};main.goroutine0;*",
		"main.main;main.startAndWait;*",
		"main.main;main.dispatch;main.(*receiver).call;main.methodLeaf",
		"main.main;main.withClosure;main.apply;main.withClosure.func1;main.closureLeaf",
		"main.main;main.recovering;main.panicking;*;main.recovering.func1;main.deferredLeaf",
		"main.main;main.recovering;main.panicking;*;main.recovering.func1;*",
		"main.main;main.recovering;*",
		"main.main;main.sorting;*;main.sorting.func1;main.before",
		"main.main;main.formatting;*",
		"main.main;main.recurse{200};main.recurseLeaf",
		"main.main;main.expired;*",
	} {
		fmt.Printf("%s\t%s\n", chain[strings.LastIndex(chain, ";")+1:], chain)
		for end := strings.Index(chain, ";"); end > 0; {
			fmt.Printf("*\t%s;%s;*\n", strings.ReplaceAll(chain[:end], "{200}", "{1,200}"), runtimeEntry)
			next := strings.Index(chain[end+1:], ";")
			if next < 0 {
				fmt.Printf("*\t%s;%s;*\n", chain, runtimeEntry)
				break
			}
			end += 1 + next
		}
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
	object := &receiver{3}
	for !expired(end) {
		sink += plain0(sink)
		sink += startAndWait(sink)
		sink += dispatch(object, sink)
		sink += withClosure(sink)
		sink += recovering(sink)
		sink += sorting(sink)
		sink += formatting(sink)
		sink += recurse(200, sink)
	}
}
