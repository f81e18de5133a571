// What Swift adds: methods of classes and protocols, generics, closures, errors that are thrown,
// callbacks out of the standard library.
import Glibc

let leafTime = 1500
let transitTime = 10

/// Read and written where the compiler cannot know the value.
nonisolated(unsafe) var sink: UInt64 = 1

/// Inline in every build.
@_transparent func burn(_ microseconds: Int) {
    var x = sink | 1
    var i = microseconds &* 600
    while i != 0 {
        x = x &* 6_364_136_223_846_793_005 &+ (x >> 7)
        i &-= 1
    }
    sink = x
}

// Numbers and operators differ, so that the compiler merges no function with another.
@inline(never) func plainLeaf(_ a: UInt64) -> UInt64 { burn(leafTime); return a &+ sink }
@inline(never) func plain3(_ a: UInt64) -> UInt64 {
    let result = plainLeaf(a &* 3); burn(transitTime); return result &+ a
}
@inline(never) func plain2(_ a: UInt64) -> UInt64 {
    burn(transitTime); let result = plain3(a ^ sink); sink &+= result; return result ^ a
}
@inline(never) func plain1(_ a: UInt64) -> UInt64 {
    let result = plain2(a &+ 7); sink ^= result; burn(transitTime); return result &* a
}
@inline(never) func plain0(_ a: UInt64) -> UInt64 {
    burn(transitTime); sink &+= a; let result = plain1(sink); sink &+= 2; return result &- a
}

@inline(never) func methodLeaf(_ a: UInt64) -> UInt64 { burn(leafTime); return a ^ sink }
class Base {
    var value: UInt64 = 1
    @inline(never) func method(_ a: UInt64) -> UInt64 { value &+= a; return value }
}
final class Derived: Base {
    @inline(never) override func method(_ a: UInt64) -> UInt64 {
        let result = methodLeaf(a &- 1); value &+= result; return result | value
    }
}
@inline(never) func dispatch(_ object: Base, _ a: UInt64) -> UInt64 {
    let result = object.method(a); sink &+= result &* 3; return result &+ sink
}

@inline(never) func genericLeaf(_ a: UInt64) -> UInt64 { burn(leafTime); return a | sink }
@inline(never) func generic<T: FixedWidthInteger>(_ a: T, _ b: UInt64) -> UInt64 {
    let result = genericLeaf(UInt64(truncatingIfNeeded: a)); sink ^= b; return result &+ b &* 5
}

@inline(never) func closureLeaf(_ a: UInt64) -> UInt64 { burn(leafTime); return a &- sink }
@inline(never) func apply(_ a: UInt64, _ body: (UInt64) -> UInt64) -> UInt64 {
    sink &+= 11; let result = body(a); sink &-= result; return result
}
@inline(never) func withClosure(_ a: UInt64) -> UInt64 {
    let result = apply(a) { b in
        let inner = closureLeaf(b ^ a); sink |= inner; return inner &+ b
    }
    sink &+= result >> 3; return result
}

struct Thrown: Error {}
@inline(never) func throwing(_ a: UInt64) throws -> UInt64 {
    burn(leafTime); if sink != a { throw Thrown() }; return a
}
@inline(never) func throwingLink(_ a: UInt64) throws -> UInt64 {
    let result = try throwing(a &+ 13); sink &+= 17; return result
}
@inline(never) func catching(_ a: UInt64) -> UInt64 {
    do { return try throwingLink(a) &+ 1 } catch { sink ^= 19; return a }
}

@inline(never) func before(_ a: UInt64, _ b: UInt64) -> Bool { burn(0); return a < b }
@inline(never) func sorting(_ a: UInt64) -> UInt64 {
    var numbers = (0..<4000).map { (a &+ $0) &* 6_364_136_223_846_793_005 }
    numbers.sort { before($0, $1) }
    sink &+= numbers[0]; return numbers[7]
}

@inline(never) func formatting(_ a: UInt64) -> UInt64 {
    var words: [String: Int] = [:]
    for i in 0..<400 { words["\(a &+ UInt64(i)) text", default: 0] += i }
    sink &+= UInt64(words.count); return a &+ sink
}

@inline(never) func recurseLeaf(_ a: UInt64) -> UInt64 { burn(leafTime); return a &* sink }
@inline(never) func recurse(_ depth: Int, _ a: UInt64) -> UInt64 {
    let result = depth > 1 ? recurse(depth &- 1, a ^ sink) : recurseLeaf(a)
    sink &+= result; return result ^ UInt64(truncatingIfNeeded: depth)
}

@inline(never) func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    sink &+= 1
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func printTree() {
    for chain in [
        "plain0;plain1;plain2;plain3;plainLeaf", "dispatch;Derived.method;methodLeaf",
        // A copy for the type, named by its own words or not at all.
        "generic;genericLeaf", "withClosure;apply;withClosure#1{0,2};closureLeaf",
        "catching;throwingLink;throwing;*", "catching;throwingLink;*", "catching;*",
        "sorting;*;sorting#1{1,2}", "sorting;*;sorting#2{0,2};before;*",
        "formatting;*", "recurse{200};recurseLeaf", "now;*",
        // Reference counts and exclusivity: a stub, or the runtime behind it.
        "?", "~swift_release|swift_retain|_swift_release_|_swift_retain_;*", "dispatch;*",
        "~CommandLine.arguments.getter;*",
        "withClosure;?", "withClosure;apply;?",
    ] {
        print("\(chain.split(separator: ";").last ?? "")\tmain;\(chain)")
    }
}

if CommandLine.arguments.count > 1, CommandLine.arguments[1] == "--expect" {
    printTree()
} else {
    let seconds = CommandLine.arguments.count > 1 ? Double(CommandLine.arguments[1]) ?? 10 : 10
    let end = now() + seconds
    let object: Base = Derived()
    while now() < end {
        sink &+= plain0(sink)
        sink &+= dispatch(object, sink)
        sink &+= generic(Int32(truncatingIfNeeded: sink), sink)
        sink &+= withClosure(sink)
        sink &+= catching(sink)
        sink &+= sorting(sink)
        sink &+= formatting(sink)
        sink &+= recurse(200, sink)
    }
}
