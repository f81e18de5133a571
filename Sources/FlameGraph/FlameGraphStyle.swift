/// What makes the pictures readable and alive.
enum FlameGraphStyle {
    /// The SVG's.
    static let css =
        barCSS + """

            .title { font: 600 15px system-ui, sans-serif }
            .control { font: 13px system-ui, sans-serif; cursor: pointer; pointer-events: auto; fill: #5b5750 }
            .paper { fill: #fffdf9 }
            @media (prefers-color-scheme: dark) {
              .paper { fill: #191817 } .title { fill: #f3efe8 } .control { fill: #b9b3a8 }
            }
            """

    /// The bars', wherever they are.
    static let barCSS = """
        text { font: 11px ui-monospace, Menlo, Consolas, monospace; fill: #1c1b1a; pointer-events: none }
        g rect { cursor: pointer }
        g g:hover rect { stroke: #1c1b1a; stroke-width: 1 }
        .n0 rect { fill: #f2a65a } .n1 rect { fill: #eeb868 } .n2 rect { fill: #f0975a } .n3 rect { fill: #f4c07f }
        .k0 rect { fill: #8fb8de } .k1 rect { fill: #9cc3dd } .k2 rect { fill: #84acd9 } .k3 rect { fill: #a8cae6 }
        .j0 rect, .j1 rect, .j2 rect, .j3 rect { fill: #a5cf9a }
        .i0 rect, .i1 rect, .i2 rect, .i3 rect { fill: #8fcfb8 }
        .s0 rect, .s1 rect, .s2 rect, .s3 rect { fill: #d5d0c6 }
        #bars .match rect { fill: #d64fc0 }
        @media (prefers-color-scheme: dark) {
          g g:hover rect { stroke: #fff }
        }
        """

    /// The SVG's: with a question to search.
    static let script =
        zoomScript + """
            document.getElementById('search').addEventListener('click', ask);
            function ask() {
              const wanted = prompt('Search (regular expression):', '');
              try { search(wanted); } catch (error) { alert(error.message); }
            }
            window.addEventListener('keydown', event => {
              if ((event.ctrlKey || event.metaKey) && event.key === 'f') { event.preventDefault(); ask(); }
            });

            """

    /// Zooms to a clicked bar; `search` marks those whose name matches.
    static let zoomScript = """
        const bars = [...document.querySelectorAll('#bars > g')].map(g => {
          const rect = g.querySelector('rect'), text = g.querySelector('text');
          const title = g.querySelector('title').textContent;
          return { g, rect, text, title, name: title.slice(0, title.lastIndexOf(' — ')),
            x: +rect.getAttribute('x'), w: +rect.getAttribute('width'), y: +rect.getAttribute('y') };
        });
        const left = 10, width = 1180, reset = document.getElementById('reset');
        const top0 = bars.length ? bars[0].y : 0;
        function place(from, span, level) {
          for (const b of bars) {
            const isAbove = b.y < level && b.x <= from + 0.01 && b.x + b.w >= from + span - 0.01;
            const x = isAbove ? left : left + (b.x - from) / span * width;
            const w = isAbove ? width : b.w / span * width;
            const shown = isAbove || (b.y >= level && x >= left - 0.01 && x + w <= left + width + 0.01);
            b.g.style.display = shown ? '' : 'none';
            if (!shown) continue;
            b.rect.setAttribute('x', x);
            b.rect.setAttribute('width', w);
            b.text.setAttribute('x', x + 3);
            const room = Math.floor((w - 6) / 6.6);
            b.text.textContent = room < 3 ? '' : b.name.length <= room ? b.name : b.name.slice(0, room - 1) + '…';
          }
        }
        for (const b of bars) b.g.addEventListener('click', () => {
          place(b.x, b.w, b.y);
          if (b.y > top0) reset.removeAttribute('hidden'); else reset.setAttribute('hidden', 'hidden');
        });
        reset.addEventListener('click', () => {
          place(left, width, top0);
          reset.setAttribute('hidden', 'hidden');
        });
        function search(wanted) {
          const pattern = wanted ? new RegExp(wanted, 'i') : null;
          for (const b of bars) b.g.classList.toggle('match', !!pattern && pattern.test(b.name));
        }

        """

    /// The page's.
    static let pageCSS = """
        :root { color-scheme: light dark }
        body { margin: 0 auto; max-width: 1600px; padding: 12px 20px 40px; font: 14px system-ui, sans-serif;
          color: #1c1b1a; background: #fffdf9 }
        header { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline }
        h1 { font-size: 17px; margin: 8px 0; overflow-wrap: anywhere }
        header p { margin: 0; flex: 1; min-width: 16em }
        .type, small, main > p { color: #6b655c }
        #search { width: 18em; padding: 4px 8px; font: inherit }
        #search:invalid { outline: 2px solid #c0392b }
        #graph { display: block; width: 100%; height: auto; margin: 8px 0 16px }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
        th, td { text-align: right; padding: 2px 10px 2px 0; white-space: nowrap }
        .name { text-align: left; width: 100%; white-space: normal; overflow-wrap: anywhere }
        td.name { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 12px }
        tbody tr:hover { background: #f3ece0 }
        tbody tr.match td.name { color: #b0309c; font-weight: 600 }
        @media (prefers-color-scheme: dark) {
          body { color: #f3efe8; background: #191817 } .type, small, main > p { color: #b9b3a8 }
          tbody tr:hover { background: #2a2825 } tbody tr.match td.name { color: #f08be0 }
        }
        """

    static let pageScript = """
        const field = document.getElementById('search');
        const rows = [...document.querySelectorAll('tbody tr')];
        field.addEventListener('input', () => {
          field.setCustomValidity('');
          try { search(field.value); } catch (error) { field.setCustomValidity(error.message); return; }
          const pattern = field.value ? new RegExp(field.value, 'i') : null;
          for (const row of rows) {
            const name = row.querySelector('bdi').textContent;
            row.classList.toggle('match', !!pattern && pattern.test(name));
          }
        });
        window.addEventListener('keydown', event => {
          if (event.key !== 'f' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          field.focus();
          field.select();
        });
        """
}
