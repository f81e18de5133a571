import Demangling
import Testing

@Suite struct RustShortNameTests {
    // From a program of rustc, in both manglings.
    private static let names = NameTable(
        """
        _RINvNtCsgEmfK2I1SDS_4core3ptr13drop_in_placeNtNtCslNYArtu3iFV_5alloc6string6StringEBK_
            core::ptr::drop_in_place
        _RNCNvNtNtNtCsjrHSEGnQ3l9_3std3sys11personality3gcc14find_eh_actions_0B9_
            std::sys::personality::gcc::find_eh_action::{closure#1}
        _RNSNvYNCNvNtNtNtCsjrHSEGnQ3l9_3std3sys11personality3gcc14find_eh_actions_0INtNtNtCsgEmfK2I1SDS_4core3ops8function6FnOnceuE9call_once6vtableBe_
            <std::sys::personality::gcc::find_eh_action::{closure#1} as core::ops::function::FnOnce>::call_once::{shim:vtable#0}
        _RNvXNvMNtNtCsjrHSEGnQ3l9_3std3sys9backtraceNtB5_13BacktraceLock5printNtB2_16DisplayBacktraceNtNtCsgEmfK2I1SDS_4core3fmt7Display3fmt
            <std::sys::backtrace::BacktraceLock::print::DisplayBacktrace as core::fmt::Display>::fmt
        _RNvXs1h_NtCsgEmfK2I1SDS_4core3fmtQShNtB6_5Debug3fmtCsgY6Mt91CT9J_14rustc_demangle
            <&mut [u8] as core::fmt::Debug>::fmt
        _RNvXs1j_NtCsgEmfK2I1SDS_4core3fmtQDNtNtB8_5panic12PanicPayloadEL_NtB6_7Display3fmtCsjrHSEGnQ3l9_3std
            <&mut dyn core::panic::PanicPayload as core::fmt::Display>::fmt
        _ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim$u7d$$u7d$17he08d6626392ed65fE
            core::ops::function::FnOnce::call_once{{vtable.shim}}
        _ZN55_$LT$$RF$T$u20$as$u20$core..convert..AsRef$LT$U$GT$$GT$6as_ref17h242b31f77c08e747E
            <&T as core::convert::AsRef>::as_ref
        _ZN5alloc5slice99_$LT$impl$u20$core..slice..sort..stable..BufGuard$LT$T$GT$$u20$for$u20$alloc..vec..Vec$LT$T$GT$$GT$13with_capacity17h98664ff85dccaa22E
            alloc::slice::<impl core::slice::sort::stable::BufGuard for alloc::vec::Vec>::with_capacity
        _ZN6oracle4main28_$u7b$$u7b$closure$u7d$$u7d$17h5f6720a0cc44642dE
            oracle::main::{{closure}}
        _ZN81_$LT$std..io..default_write_fmt..Adapter$LT$T$GT$$u20$as$u20$core..fmt..Write$GT$9write_str17h9d0134673ad97bb9E.llvm.8401581389145327335
            <std::io::default_write_fmt::Adapter as core::fmt::Write>::write_str
        _ZN95_$LT$core..slice..sort..stable..merge..MergeState$LT$T$GT$$u20$as$u20$core..ops..drop..Drop$GT$4drop17hbb622d72b85df694E
            <core::slice::sort::stable::merge::MergeState as core::ops::drop::Drop>::drop
        _RNvMsa_NtCsgEmfK2I1SDS_4core3fmtNtB5_9Formatter12pad_integral
            core::fmt::Formatter::pad_integral
        _RNvMs3_NtCslNYArtu3iFV_5alloc7raw_vecINtB5_6RawVecPaE8grow_oneCsjrHSEGnQ3l9_3std
            alloc::raw_vec::RawVec::grow_one
        _ZN4core5slice4sort6stable5merge19MergeState$LT$T$GT$8merge_up17h83ba98a60087a343E
            core::slice::sort::stable::merge::MergeState::merge_up
        _RINvMNtCsgEmfK2I1SDS_4core5sliceSh11copy_withinINtNtNtB5_3ops5range14RangeInclusivejEECsfEOYDRpO4Ta_11miniz_oxide
            <[u8]>::copy_within
        """)

    @Test(arguments: names.rows) func `makes a Rust name short`(mangled: String, short: String) {
        #expect(Demangler.displayName(mangled, style: .short) == short)
    }
}
