/* Runs stackid.bpf.o on every CPU for some seconds: stackid OBJECT HERTZ SECONDS. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attributes),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.exclude_idle = 1,
	};
	struct bpf_prog_info info = {};
	unsigned int size = sizeof(info);
	struct bpf_program *program;
	struct bpf_object *object;

	if (argc != 4)
		return 2;
	attributes.sample_period = 1000000000ull / atoi(argv[2]);
	object = bpf_object__open_file(argv[1], NULL);
	if (!object || bpf_object__load(object))
		return 1;
	program = bpf_object__find_program_by_name(object, "on_stackid");
	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++) {
		int event = syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, 0);

		if (event >= 0 && !bpf_program__attach_perf_event(program, event))
			return 1;
	}
	sleep(atoi(argv[3]));
	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size))
		return 1;
	printf("%llu %llu\n", (unsigned long long)info.run_time_ns, (unsigned long long)info.run_cnt);
	return 0;
}
