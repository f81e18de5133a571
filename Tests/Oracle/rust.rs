//! What Rust adds: trait objects, closures, generics, panics that are caught, callbacks out of the
//! standard library, its threads.
use std::hint::black_box;
use std::time::{Duration, Instant};

const LEAF_TIME: u64 = 1500;
const TRANSIT_TIME: u64 = 10;

#[inline(always)]
fn burn(microseconds: u64) {
    let mut x = microseconds | 1;
    let mut i = microseconds * 600;
    while i != 0 {
        // SAFETY: no instruction; the value is needed here and may be another one afterwards.
        unsafe { std::arch::asm!("/* {0} */", inout(reg) x) };
        x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        i -= 1;
    }
}

/// Every function differs by a number, so that the compiler merges none with another.
macro_rules! leaf {
    ($name:ident, $number:expr) => {
        #[inline(never)]
        pub fn $name(a: u64, b: u64) -> u64 {
            burn(LEAF_TIME);
            black_box(a.wrapping_add(b) ^ $number)
        }
    };
}

macro_rules! link {
    ($name:ident, $next:path, $number:expr) => {
        #[inline(never)]
        pub fn $name(a: u64, b: u64) -> u64 {
            let c = black_box(a.wrapping_mul(3).wrapping_add(b));
            burn(TRANSIT_TIME);
            let result = black_box($next(c, black_box(b ^ $number)));
            burn(TRANSIT_TIME);
            black_box(result.wrapping_add(c).wrapping_mul(b | 1))
        }
    };
}

leaf!(plain_leaf, 1);
link!(plain_5, plain_leaf, 2);
link!(plain_4, plain_5, 3);
link!(plain_3, plain_4, 4);
link!(plain_2, plain_3, 5);
link!(plain_1, plain_2, 6);
link!(plain_0, plain_1, 7);

leaf!(method_leaf, 8);
trait Call {
    fn call(&self, a: u64, b: u64) -> u64;
}
struct Receiver(u64);
impl Call for Receiver {
    #[inline(never)]
    fn call(&self, a: u64, b: u64) -> u64 {
        burn(TRANSIT_TIME);
        black_box(method_leaf(a, black_box(b)).wrapping_add(self.0))
    }
}
#[inline(never)]
fn dispatch(a: u64, b: u64) -> u64 {
    let object: Box<dyn Call> = black_box(Box::new(Receiver(a)));
    black_box(object.call(a, b))
}

leaf!(generic_leaf, 9);
#[inline(never)]
fn generic<T: Copy + Into<u64>>(a: T, b: u64) -> u64 {
    let room = black_box([a; 8]);
    let result = black_box(generic_leaf(room[0].into(), b));
    black_box(result.wrapping_add(room[1].into()))
}
#[inline(never)]
fn instantiate(a: u64, b: u64) -> u64 {
    black_box(generic::<u32>(a as u32, b))
}

leaf!(closure_leaf, 10);
#[inline(never)]
fn apply(function: &dyn Fn(u64) -> u64, a: u64) -> u64 {
    burn(TRANSIT_TIME);
    black_box(function(black_box(a)))
}
#[inline(never)]
fn with_closure(a: u64, b: u64) -> u64 {
    black_box(apply(&|c| black_box(closure_leaf(c, b).wrapping_add(c)), a))
}

#[inline(never)]
fn compare(a: &u64, b: &u64) -> std::cmp::Ordering {
    burn(0);
    black_box(a).cmp(black_box(b))
}
#[inline(never)]
fn sorting(a: u64, b: u64) -> u64 {
    let mut numbers: Vec<u64> =
        (0..6000).map(|i| a.wrapping_add(i).wrapping_mul(6364136223846793005)).collect();
    numbers.sort_by(compare);
    black_box(numbers[b as usize % 6000])
}
link!(sort_2, sorting, 11);
link!(sort_1, sort_2, 12);
link!(sort_0, sort_1, 13);

/// Without this, each panic would write a message.
struct Thrown(u64);
struct Guard(u64);
impl Drop for Guard {
    #[inline(never)]
    fn drop(&mut self) {
        black_box(self.0);
    }
}
#[inline(never)]
fn panicking(a: u64, b: u64) -> u64 {
    if black_box(a | 1) != b {
        std::panic::resume_unwind(Box::new(Thrown(a)));
    }
    black_box(a)
}
link!(panic_2, panicking, 14);
link!(panic_1, panic_2, 15);
link!(panic_0, panic_1, 16);
#[inline(never)]
fn cleaning(a: u64, b: u64) -> u64 {
    let guard = black_box(Guard(a));
    black_box(panic_0(guard.0, b))
}
#[inline(never)]
fn catching(a: u64, b: u64) -> u64 {
    let mut sum = b;
    for i in 0..50 {
        if let Err(error) = std::panic::catch_unwind(|| cleaning(a.wrapping_add(i), 0)) {
            sum = sum.wrapping_add(error.downcast_ref::<Thrown>().map_or(0, |thrown| thrown.0));
        }
    }
    black_box(sum)
}
link!(catch_0, catching, 17);

leaf!(thread_leaf, 18);
#[inline(never)]
fn thread_entry(a: u64) -> u64 {
    black_box(thread_leaf(a, black_box(1)))
}
#[inline(never)]
fn threading(a: u64) -> u64 {
    black_box(std::thread::spawn(move || thread_entry(a)).join().unwrap_or(0))
}

leaf!(recurse_leaf, 19);
#[inline(never)]
fn recurse(depth: u64, b: u64) -> u64 {
    let c = black_box(depth ^ b);
    let result = if depth > 1 { recurse(depth - 1, c) } else { recurse_leaf(c, b) };
    black_box(result.wrapping_add(c))
}

#[inline(never)]
fn expired(end: Instant) -> bool {
    black_box(Instant::now() >= end)
}

fn print_tree() {
    // What stands below is the standard library's start.
    let start = "*;oracle::main";
    let range = |name: &str, count: u64| -> String {
        (0..count).map(|i| format!("oracle::{name}_{i};")).collect()
    };
    let expect = |middle: String| {
        println!("{}\t{start};{middle}", middle.rsplit(';').next().unwrap_or(""));
        // Nothing of the standard library is inline then: black_box, wrapping_mul.
        if cfg!(debug_assertions) {
            for (end, _) in middle.match_indices(';') {
                println!("?\t{start};{};?", &middle[..end]);
            }
            println!("?\t{start};{middle};?");
        }
    };
    expect(range("plain", 6) + "oracle::plain_leaf");
    expect("oracle::dispatch;<oracle::Receiver as oracle::Call>::call;oracle::method_leaf".into());
    expect("oracle::dispatch;*".into()); // the box's memory
    expect("oracle::instantiate;oracle::generic;oracle::generic_leaf".into());
    expect(
        // The closure is inline, or not.
        "oracle::with_closure;oracle::apply;oracle::with_closure::{{closure}}{0,1};\
         oracle::closure_leaf"
            .into(),
    );
    expect(range("sort", 3) + "oracle::sorting;*;oracle::compare;*");
    expect("oracle::catch_0;oracle::catching;*".into());
    // The closure in between is inline or not.
    expect("oracle::catch_0;oracle::catching;*;oracle::cleaning;*".into());
    expect(
        "oracle::catch_0;oracle::catching;*;oracle::cleaning;*;<oracle::Guard as \
         core::ops::drop::Drop>::drop"
            .into(),
    );
    expect(
        "oracle::catch_0;oracle::catching;*;oracle::cleaning;".to_string()
            + &range("panic", 3)
            + "oracle::panicking;*",
    );
    expect("oracle::threading;*".into());
    println!("oracle::thread_leaf\t*;oracle::thread_entry;oracle::thread_leaf");
    expect("oracle::recurse{200};oracle::recurse_leaf".into());
    expect("oracle::expired;*".into());
}

fn main() {
    let argument = std::env::args().nth(1);
    if argument.as_deref() == Some("--expect") {
        return print_tree();
    }
    let seconds = argument.and_then(|text| text.parse().ok()).unwrap_or(10.0);
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let mut a = 1u64;
    while !expired(end) {
        a = a.wrapping_add(plain_0(a, 2));
        a = a.wrapping_add(dispatch(a, 3));
        a = a.wrapping_add(instantiate(a, 4));
        a = a.wrapping_add(with_closure(a, 5));
        a = a.wrapping_add(sort_0(a, 6));
        a = a.wrapping_add(catch_0(a, 7));
        a = a.wrapping_add(threading(a));
        a = a.wrapping_add(recurse(200, a));
    }
    black_box(a);
}
