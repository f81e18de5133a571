@main struct StoreCrash {
    static func main() async throws { print("later") }
}
