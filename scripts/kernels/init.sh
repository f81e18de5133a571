#!/bin/busybox sh
# The first process of a kernel under test (test-kernels.sh). Asks hearth whether it can profile here,
# profiles the oracle programs, and sends what it saw through the second serial port as a tar archive.
# The kernel's command line sets $warm_up, $seconds and $frequency in its environment.
/bin/busybox mkdir -p /proc /sys /dev /tmp
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
cd /tmp || poweroff -f
echo "the first process runs"
mkdir seen
uname -r >seen/kernel
hearth doctor >seen/doctor 2>&1
echo $? >seen/doctor.status

# Each program under another name first. On CPUs as slow as these the first unwind tables take a while,
# and until then there are copies of stacks, which lack the other stack that a signal handler came from;
# this test is about the kernel's own walk.
cat >all.sh <<-'END'
	for program in /oracle/*; do
		ln -s "$program" warm-up
		./warm-up "$warm_up"
		rm warm-up
	done
	for program in /oracle/*; do "$program" "$seconds"; done
END
timeout -s KILL 200 hearth record -F "$frequency" -o seen/all.folded -- sh all.sh >seen/record 2>&1 &
recorder=$! # hearth's: busybox's timeout becomes the program
# What the verifier went through for each of the BPF programs that hearth holds.
while kill -0 $recorder 2>/dev/null; do
	grep -h verified_insns /proc/$recorder/fdinfo/* >now 2>/dev/null && mv now seen/verified
	sleep 0.5
done
wait $recorder
echo $? >seen/record.status
stty -F /dev/ttyS1 raw
tar -c seen >/dev/ttyS1
poweroff -f
