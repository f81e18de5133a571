import ArgumentParser
import HearthCommands

@main
enum Program {
    static func main() async { await HearthCommand.main() }
}
