/// Style and script of the page that carries a flame graph with it.
enum FlameGraphPage {
    static let css = """
        :root { color-scheme: light dark }
        body { margin: 0 auto; max-width: 1600px; padding: 12px 20px 40px; font: 14px system-ui, sans-serif;
          color: #1c1b1a; background: #fffdf9 }
        header { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline }
        h1 { font-size: 17px; margin: 8px 0; overflow-wrap: anywhere }
        header p { margin: 0; flex: 1; min-width: 16em }
        header p, small, main > p { color: #6b655c }
        #search { width: 18em; padding: 4px 8px; font: inherit }
        #search:invalid { outline: 2px solid #c0392b }
        #graph { display: block; width: 100%; margin: 8px 0 16px }
        #graph text { font: 11px ui-monospace, Menlo, Consolas, monospace; fill: #1c1b1a; pointer-events: none }
        #graph rect { cursor: pointer }
        #graph g:hover rect { stroke: currentColor; stroke-width: 1 }
        #graph g.above { opacity: 0.55 }
        #graph g.match rect { fill: #d64fc0 !important }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
        th, td { text-align: right; padding: 2px 10px 2px 0; white-space: nowrap }
        .name { text-align: left; width: 100%; white-space: normal; overflow-wrap: anywhere }
        td.name { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 12px }
        tbody tr:hover { background: #f3ece0 }
        tbody tr.match td.name { color: #b0309c; font-weight: 600 }
        @media (prefers-color-scheme: dark) {
          body { color: #f3efe8; background: #191817 } header p, small, main > p { color: #b9b3a8 }
          tbody tr:hover { background: #2a2825 } tbody tr.match td.name { color: #f08be0 }
        }
        """

    /// Draws what is wide enough to be seen at the zoom of the moment. Names only ever become text.
    static let script = #"""
        'use strict';
        const data = JSON.parse(document.getElementById('data').textContent);
        const svg = document.getElementById('graph'), reset = document.getElementById('reset');
        const rowHeight = 18, narrowest = 0.4, isDiff = data.sides === 2;
        const step = isDiff ? 6 : 4, flat = data.nodes;
        const totals = isDiff ? [flat[2], flat[4]] : [flat[2]];
        const ratio = (value, side) => totals[side] > 0 ? value / totals[side] : 0;

        // A node's children begin where it does; what it spent itself is to their right.
        const bars = [], starts = [0];
        for (let i = 0; i < flat.length; i += step) {
          const level = flat[i + 1], shares = [ratio(flat[i + 2], 0)];
          if (isDiff) shares.push(ratio(flat[i + 4], 1));
          const width = shares.reduce((sum, share) => sum + share, 0), x = starts[level];
          starts[level] = x + width;
          starts[level + 1] = x;
          bars.push({ name: data.names[flat[i]], kind: data.kinds[flat[i]], level, x, width, shares, at: i });
        }

        const scales = { nanoseconds: [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs'], [1, 'ns']],
          bytes: [[2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [1024, 'KiB'], [1, 'B']] };
        function readable(value) {
          for (const [factor, unit] of scales[data.unit] || []) {
            if (value >= factor) return `${(value / factor).toFixed(factor > 1 ? 2 : 0)} ${unit}`;
          }
          return `${value} ${data.unit}`;
        }
        const percent = share => `${(share * 100).toFixed(2)} %`;
        function hover(bar) {
          const lines = bar.shares.map((share, side) => {
            const total = flat[bar.at + 2 + 2 * side], own = flat[bar.at + 3 + 2 * side];
            const which = isDiff ? ['before: ', 'after: '][side] : '';
            return `${which}${readable(total)}, ${percent(share)} (self ${readable(own)})`;
          });
          return [bar.name, ...lines].join('\n');
        }

        const hues = [[30, 85, 66], [210, 55, 72], [155, 40, 68], [108, 38, 70], [40, 15, 80]];
        function color(bar) {
          if (isDiff) {
            const [before, after] = bar.shares, change = (after - before) / Math.max(after, before, 1e-12);
            const strength = Math.abs(change);
            return `hsl(${change < 0 ? 212 : 6} ${Math.round(70 * strength)}% ${Math.round(82 - 16 * strength)}%)`;
          }
          let hash = 5381;
          for (let i = 0; i < bar.name.length; i++) hash = (hash * 33 ^ bar.name.charCodeAt(i)) >>> 0;
          const [hue, saturation, lightness] = hues[bar.kind] || hues[0];
          return `hsl(${hue + hash % 4 * 3 - 4} ${saturation}% ${lightness + (hash >> 3) % 3 * 3}%)`;
        }

        let focus = bars[0], pattern = null;
        function element(parent, name, attributes) {
          const made = document.createElementNS('http://www.w3.org/2000/svg', name);
          for (const key in attributes) made.setAttribute(key, attributes[key]);
          return parent.appendChild(made);
        }
        function draw() {
          const width = svg.clientWidth || 1200, scale = focus.width > 0 ? width / focus.width : 0;
          const end = focus.x + focus.width, slack = 1e-9;
          svg.replaceChildren();
          let depth = 0;
          for (const bar of bars) {
            const isAbove = bar.level < focus.level && bar.x <= focus.x + slack && bar.x + bar.width >= end - slack;
            const isBelow = bar.level >= focus.level && bar.x >= focus.x - slack && bar.x + bar.width <= end + slack;
            const w = isAbove ? width : bar.width * scale;
            if (!(isAbove || isBelow) || w < narrowest) continue;
            const x = isAbove ? 0 : (bar.x - focus.x) * scale, y = bar.level * rowHeight;
            const group = element(svg, 'g', {});
            if (isAbove) group.classList.add('above');
            if (pattern && pattern.test(bar.name)) group.classList.add('match');
            element(group, 'title', {}).textContent = hover(bar);
            element(group, 'rect', { x, y, width: Math.max(w - 0.5, 0.2), height: rowHeight - 1, rx: 2 }).style.fill = color(bar);
            const room = Math.floor((w - 6) / 6.7);
            if (room > 2) {
              element(group, 'text', { x: x + 3, y: y + 12.5 }).textContent =
                bar.name.length <= room ? bar.name : bar.name.slice(0, room - 1) + '…';
            }
            group.addEventListener('click', () => zoom(bar));
            depth = Math.max(depth, bar.level + 1);
          }
          svg.setAttribute('height', depth * rowHeight);
        }
        function zoom(bar) {
          focus = bar;
          reset.hidden = bar === bars[0];
          draw();
        }
        reset.addEventListener('click', () => zoom(bars[0]));
        window.addEventListener('resize', draw);

        const field = document.getElementById('search'), rows = [...document.querySelectorAll('tbody tr')];
        field.addEventListener('input', () => {
          field.setCustomValidity('');
          try {
            pattern = field.value ? new RegExp(field.value, 'i') : null;
          } catch (error) {
            field.setCustomValidity(error.message);
            return;
          }
          for (const row of rows) {
            row.classList.toggle('match', !!pattern && pattern.test(row.querySelector('bdi').textContent));
          }
          draw();
        });
        window.addEventListener('keydown', event => {
          if (event.key !== 'f' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          field.focus();
          field.select();
        });
        draw();
        """#
}
