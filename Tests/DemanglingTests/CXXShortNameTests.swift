import Demangling
import Testing

@Suite struct CXXShortNameTests {
    // From clang-21, swift-frontend and libstdc++.
    private static let names = NameTable(
        """
        _ZN4llvm8dyn_castINS_20DbgVariableIntrinsicENS_11InstructionEEEDcPT0_
            llvm::dyn_cast
        _ZNK5clang7APValue10LValueBase2isINS_18DynamicAllocLValueEEENSt9enable_ifIX13IsDAOrForgedVIT_EEbE4typeEv
            clang::APValue::LValueBase::is
        _ZNSo9_M_insertIlEERSoT_@@GLIBCXX_3.4.9
            std::ostream::_M_insert
        _ZN4llvm2cl3optIbLb0ENS0_6parserIbEEEC2IJA30_cNS0_4descENS0_11initializerIbEEEEEDpRKT_
            llvm::cl::opt::opt
        _ZN4llvm12function_refIFvPKNS_5ValueEEE11callback_fnIZNS1_20stripInBoundsOffsetsES5_Ed_UlS3_E_EEvlS3_
            llvm::function_ref::callback_fn
        _ZNO5swift8Lowering21FormalEvaluationScope8deferPopEv
            swift::Lowering::FormalEvaluationScope::deferPop
        _ZNKSt13basic_istreamIwSt11char_traitsIwEE6sentrycvbEv@@GLIBCXX_3.4
            std::basic_istream::sentry::operator bool
        _ZNK5clang6interp10IntegralAPILb1EEcvT_IjvEEv
            clang::interp::IntegralAP::operator unsigned int
        _ZNSt13basic_istreamIwSt11char_traitsIwEErsEPFRSt9basic_iosIwS1_ES5_E@@GLIBCXX_3.4
            std::basic_istream::operator>>
        _ZNKSt4hashISbIwSt11char_traitsIwESaIwEEEclES3_@@GLIBCXX_3.4.10
            std::hash::operator()
        _ZNSbIwSt11char_traitsIwESaIwEEixEm@@GLIBCXX_3.4
            std::basic_string::operator[]
        _ZN4llvmlsINS_24OptimizationRemarkMissedEEEDcOT_RKNS_10InlineCostE
            llvm::operator<<
        _ZN5clanglsIN4llvm11SmallStringILj64EEEEERKNS_8SemaBase21SemaDiagnosticBuilderES7_RKT_
            clang::operator<<
        _ZNK4llvm6APSIntltERKS0_
            llvm::APSInt::operator<
        _ZNK5clang6interp10IntegralAPILb1EEgeEj
            clang::interp::IntegralAP::operator>=
        _ZNK4llvm6Module28debug_compile_units_iteratorptEv
            llvm::Module::debug_compile_units_iterator::operator->
        _ZnamRKN5clang10ASTContextEm
            operator new[]
        _ZdlPvmSt11align_val_t@@CXXABI_1.3.11
            operator delete
        _ZZN4llvm17IDFCalculatorBaseINS_10BasicBlockELb0EE9calculateERNS_15SmallVectorImplIPS1_EEENKUlS4_E_clES4_
            llvm::IDFCalculatorBase::calculate::{lambda#1}::operator()
        _ZZN12_GLOBAL__N_111DAGCombiner12visitBITCASTEPN4llvm6SDNodeEENK4$_77clENS1_7SDValueE
            (anonymous namespace)::DAGCombiner::visitBITCAST::$_77::operator()
        _ZN12_GLOBAL__N_114HLASMAsmParserD0Ev
            (anonymous namespace)::HLASMAsmParser::~HLASMAsmParser
        _ZN5clang6driver6Action27GetOffloadingFileNamePrefixB5cxx11ENS1_11OffloadKindEN4llvm9StringRefEb
            clang::driver::Action::GetOffloadingFileNamePrefix
        _ZNSt8ios_base7failureB5cxx11D0Ev@@GLIBCXX_3.4.21
            std::ios_base::failure::~failure
        _ZN5swift8Demangle5warnvEjPKcP13__va_list_tag.cold.1
            swift::Demangle::warnv [clone .cold.1]
        _ZNK12_GLOBAL__N_119MipsELFObjectWriter23needsRelocateWithSymbolERKN4llvm7MCValueEj.cold.1
            (anonymous namespace)::MipsELFObjectWriter::needsRelocateWithSymbol [clone .cold.1]
        _ZThn80_N12_GLOBAL__N_115AAAlignReturnedD1Ev
            non-virtual thunk to (anonymous namespace)::AAAlignReturned::~AAAlignReturned
        _ZTv0_n24_NSt14basic_ofstreamIwSt11char_traitsIwEED0Ev@@GLIBCXX_3.4
            virtual thunk to std::basic_ofstream::~basic_ofstream
        _ZGVNSt7num_putIcSt19ostreambuf_iteratorIcSt11char_traitsIcEEE2idE@@GLIBCXX_3.4
            guard variable for std::num_put::id
        """)

    // From a program for g++ 12 that has one of each.
    private static let oddities = NameTable(
        """
        _ZN1n3BoxIiEclIiEET_S3_
            n::Box::operator()
        _ZN1n3BoxIiEcmIiEET_S3_
            n::Box::operator,
        _ZN1n3BoxIiEcvPiEv
            n::Box::operator int*
        _ZN1n3BoxIiElsIiEERS1_T_
            n::Box::operator<<
        _ZN1n3BoxIiEltIiEEbT_
            n::Box::operator<
        _ZN1n3BoxIiEpmIiEET_S3_
            n::Box::operator->*
        _ZNK1n3BoxIiEssERKS1_
            n::Box::operator<=>
        _ZNK1n3BoxIiEcvSt6vectorIiSaIiEEEv
            n::Box::operator std::vector
        _ZNKO1n3BoxIiEcvbEv
            n::Box::operator bool
        _ZN1n3arrIiEERA3_iT_
            n::arr
        _ZN1n3memIiEEMNS_1SEFT_iES2_
            n::mem
        _ZN1n4pickILi3EEEPFvcEi
            n::pick
        _ZN1n4callIXadL_ZNKS_1SgtES1_EEEEvv
            n::call
        _ZN1n8trailingIiEEDTplfp_Li1EET_
            n::trailing
        _ZN1nli3_kmEy
            n::operator"" _km
        _ZNV1n1S1mEv
            n::S::m
        _ZTV1X
            vtable for X
        _ZTchn16_h16_N1X1cEv
            covariant return thunk to X::c
        _ZZN1n3arrIiEERA3_iT_E1a
            n::arr::a
        _ZZN1n3genEvENKUlT_E_clIiEEDaS0_
            n::gen::{lambda#1}::operator()
        _ZZN1n5outerEiEN1L3runEi
            n::outer::L::run
        _ZZZZN1n5outerEiEN1L3runEiENKUlT_E_clIiEEDaS1_ENKUlvE_clEv
            n::outer::L::run::{lambda#1}::operator()::{lambda#1}::operator()
        """)

    @Test(arguments: names.rows + oddities.rows)
    func `makes a C++ name short`(mangled: String, short: String) {
        #expect(Demangler.displayName(mangled, style: .short) == short)
    }

    @Test(arguments: [
        "_ZTIPFviE", "_ZNSt15__exception_ptr13exception_ptrcvMS0_FvvEEv", "_ZTIPKDn",
    ])
    func `leaves one in full that it cannot read`(mangled: String) {
        let full = Demangler.displayName(mangled)
        #expect(full != mangled)
        #expect(Demangler.displayName(mangled, style: .short) == full)
    }
}
