/// The compiled BPF objects, embedded by the build (Plugins/EmbedBPF): one constant per program file.
enum BPFProgramObjects {}
