"""What the formats of one profile say, each read by a decoder of its own: {(root, …, leaf): self value}."""

from collections import Counter


def of_flamegraph(names, levels, width=4, offset=0, own=2):
    """Bars are laid out from left to right; a child lies within its parent, behind the parent's own share.

    `offset` and `own`: where a bar of `width` numbers has its distance and its self value."""
    assert levels, "a flame graph without levels"
    assert len(levels[0]) == width and names[levels[0][-1]] == "total", "level 0 is the one bar total"
    stacks = Counter()
    above = []  # (start, end, path) of the bars of the level before
    for level, values in enumerate(levels):
        assert len(values) % width == 0 and values, f"level {level} has {len(values)} numbers"
        bars, end = [], 0
        for at in range(0, len(values), width):
            bar = values[at:at + width]
            start = end + bar[offset]
            end = start + bar[offset + 1]
            assert bar[offset] >= 0 and 0 <= bar[own] <= bar[offset + 1], f"bar {bar}"
            name = names[bar[-1]]
            path = ()
            if level > 0:
                if end == start:
                    continue  # the other side of a difference has it
                path = next((p + (name,) for s, e, p in above if s <= start and end <= e), None)
                assert path, f"{name} of level {level} lies below no bar"
            bars.append((start, end, path))
            if bar[own]:
                stacks[path] += bar[own]
        above = bars
    return stacks


def of_tree(data):
    """Pyroscope's tree: each node a name, its self value and its number of children; the last child first."""
    at = 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    stacks = Counter()
    pending = [()] if data else []
    while pending:
        path = pending.pop()
        length = number()
        name = data[at:at + length].decode()
        at += length
        own, children = number(), number()
        if name or path:
            path += (name,)
        if own:
            stacks[path] += own
        pending += [path] * children
    assert at == len(data), "bytes behind the tree"
    return stacks


def of_pprof(profile, unit="nanoseconds"):
    text = profile.string_table
    assert text[0] == ""
    index = [text[kind.unit] for kind in profile.sample_type].index(unit)
    names = {function.id: text[function.name] for function in profile.function}
    locations = {location.id: [names[line.function_id] for line in location.line] for location in profile.location}
    stacks = Counter()
    for sample in profile.sample:
        assert len(sample.value) == len(profile.sample_type)
        leaf_first = [name for location in sample.location_id for name in locations[location]]
        stacks[tuple(reversed(leaf_first))] += sample.value[index]
    return stacks


def of_collapsed(text):
    stacks = Counter()
    for line in text.splitlines():
        path, value = line.rsplit(" ", 1)
        stacks[tuple(path.split(";"))] += int(value)
    return stacks
