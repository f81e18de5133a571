import Demangling
import Testing

@Suite struct SwiftShortNameTests {
    // From libFoundation, libswift_Concurrency and the compiler's own modules.
    private static let names = NameTable(
        """
        $s10Foundation12NSOrderedSetC7storage14orderedStorageAcA5NSSetC_AA7NSArrayCtcfC
            Foundation.NSOrderedSet.__allocating_init(storage:orderedStorage:)
        $s12_RegexParser11UnsupportedV_4file4lineACSS_s12StaticStringVSutcfC
            _RegexParser.Unsupported.init(_:file:line:)
        $s10Foundation15NumberFormatterC14exponentSymbolSSSgvM
            Foundation.NumberFormatter.exponentSymbol.modify
        $s10Foundation7ScannerC12scanLocationSivM.resume.0
            Foundation.Scanner.scanLocation.modify [resume.0]
        $sSlsEys18DiscontiguousSliceVyxGs8RangeSetVy5IndexQzGcig
            Swift.Collection.subscript.getter
        $s10Foundation11MeasurementV25LinearConverterCodingKeys33_C6B65AEC5781F659BCA9D638C995CA14LLO11stringValueSSvg
            Foundation.Measurement.LinearConverterCodingKeys.stringValue.getter
        $s10Foundation8NSNumberC5bytes10numberTypeACSV_So08CFNumberE0Vtc33_7806555C92853171A57DFBE83EFE8CC1LlfcACXDyYbXEfU_TA.52
            partial apply forwarder for closure #1 in Foundation.NSNumber.init(bytes:numberType:)
        $s10Foundation8IndexSetV08filteredbC02in14includeIntegerACSnySiG_SbSiKXEtKFAcA07NSIndexC0CKXEfU_SbSi_SpyAA8ObjCBoolVGtXEfU_TA.2
            partial apply forwarder for closure #1 in closure #1 in Foundation.IndexSet.filteredIndexSet(in:includeInteger:)
        $s20FoundationEssentials12DataProtocolPAAE9copyBytes2to4fromSiSw_qd__tSXRd__5BoundQyd__5IndexRtzlFySWXEfU_
            closure #1 in FoundationEssentials.DataProtocol.copyBytes(to:from:)
        $sScisSL7ElementRpzrlE3minABSgyYaKFSbAB_ABtcfu_TATm
            merged partial apply forwarder for implicit closure #1 in Swift.AsyncSequence.min()
        $s9Optimizer13AliasAnalysisV8registeryyFZSbSo14BridgedContextV_So0ebC0VSo0E5ValueVAJtcfU4_To
            @objc closure #6 in static Optimizer.AliasAnalysis.register()
        $s20FoundationEssentials13_parseIntegeryxSgAA10BufferViewVys5UInt8VGs010FixedWidthD0RzlFs5Int64V_Tg5
            specialized FoundationEssentials._parseInteger(_:)
        $s3SIL9ApplySiteP9OptimizerE8consumes33_0AD9AF7CF4049619C2C218271EB3E99ELL7addressSbAA5Value_p_tFSbAA7OperandVXEfU_AA0B4InstC_Tg5
            specialized closure #1 in SIL.ApplySite.consumes(address:)
        $ss19CooperativeExecutorC8runUntilyySbyXEKF05$ss19aB17C3runyyKFSbyXEfU_Tf1cn_n
            specialized Swift.CooperativeExecutor.runUntil(_:)
        $ss15ContiguousArrayV16_createNewBuffer14bufferIsUnique15minimumCapacity13growForAppendySb_SiSbtFyXl_Ts5
            specialized Swift.ContiguousArray._createNewBuffer(bufferIsUnique:minimumCapacity:growForAppend:)
        $s20FoundationEssentials15ComponentActionOSQAASQ2eeoiySbx_xtFZTW
            protocol witness for static Swift.Equatable.== infix
        $sSi1loiySbSi_SitFZ
            static Swift.Int.< infix
        $sSz1xoiyxx_xtFZTj
            dispatch thunk of static Swift.BinaryInteger.^ infix
        $s16_Differentiation13AnyDerivativeV1soiyA2C_ACtFZ
            static _Differentiation.AnyDerivative.- infix
        $s20FoundationEssentials11BPlistErrorOACs0D0AAWl
            lazy protocol witness table accessor for type FoundationEssentials.BPlistError
        $s20FoundationEssentials12URLQueryItemV11descriptionSSvgTm
            merged FoundationEssentials.URLQueryItem.description.getter
        $s20FoundationEssentials14DateComponentsV5_yearSiSgvpfi
            variable initialization expression of FoundationEssentials.DateComponents._year
        $ss20_ArrayBufferProtocolPsE22_arrayOutOfPlaceUpdateyys011_ContiguousaB0Vy7ElementQzGz_S2iySpyAGG_SitXEtFfA2_
            default argument 3 of Swift._ArrayBufferProtocol._arrayOutOfPlaceUpdate(_:_:_:_:)
        $s20FoundationEssentials24__JSONReferencingEncoder33_253740BCDA65E3CDE1C3C821988B0A01LLC9ReferenceOWOy
            outlined copy of FoundationEssentials.__JSONReferencingEncoder.Reference
        $ss20AsyncFlatMapSequenceV8IteratorV4next7ElementQy_SgyYaKFTQ1_
            (2) await resume partial function for Swift.AsyncFlatMapSequence.Iterator.next()
        $ss19DiscardingTaskGroupV22awaitAllRemainingTasksyyYaKFTu
            async function pointer to Swift.DiscardingTaskGroup.awaitAllRemainingTasks()
        $ss5UInt8V13SIMD64StorageVyABSicipADTk
            key path setter for Swift.UInt8.SIMD64Storage.subscript(_:)
        $sytIeghHr_IeghH_TR
            reabstraction thunk helper
        $s11Distributed0A28RemoteActorReferenceExecutorCfD
            Distributed.DistributedRemoteActorReferenceExecutor.__deallocating_deinit
        $s10Foundation9OperationCMa
            type metadata accessor for Foundation.Operation
        """)

    @Test(arguments: names.rows) func `makes a Swift name short`(mangled: String, short: String) {
        #expect(Demangler.displayName(mangled, style: .short) == short)
    }
}
