import Glibc

/// Perf events, other processes' files and cgroups need privileges; the build machine has them, and
/// there a skipped test is a failure.
let isRoot = geteuid() == 0
