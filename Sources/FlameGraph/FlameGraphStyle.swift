/// What makes the SVG readable and alive.
enum FlameGraphStyle {
    static let css = """
        text { font: 11px ui-monospace, Menlo, Consolas, monospace; fill: #1c1b1a; pointer-events: none }
        .title { font: 600 15px system-ui, sans-serif }
        .control { font: 13px system-ui, sans-serif; cursor: pointer; pointer-events: auto; fill: #5b5750 }
        .paper { fill: #fffdf9 }
        g rect { cursor: pointer }
        g g:hover rect { stroke: #1c1b1a; stroke-width: 1 }
        .n0 rect { fill: #f2a65a } .n1 rect { fill: #eeb868 } .n2 rect { fill: #f0975a } .n3 rect { fill: #f4c07f }
        .k0 rect { fill: #8fb8de } .k1 rect { fill: #9cc3dd } .k2 rect { fill: #84acd9 } .k3 rect { fill: #a8cae6 }
        .j0 rect, .j1 rect, .j2 rect, .j3 rect { fill: #a5cf9a }
        .i0 rect, .i1 rect, .i2 rect, .i3 rect { fill: #8fcfb8 }
        .s0 rect, .s1 rect, .s2 rect, .s3 rect { fill: #d5d0c6 }
        #bars .match rect { fill: #d64fc0 }
        @media (prefers-color-scheme: dark) {
          .paper { fill: #191817 } .title { fill: #f3efe8 } .control { fill: #b9b3a8 }
          g g:hover rect { stroke: #fff }
        }
        """

    static let script = """
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
        function search() {
          const wanted = prompt('Search (regular expression):', '');
          let pattern = null;
          try { pattern = wanted ? new RegExp(wanted, 'i') : null; } catch (error) { alert(error.message); }
          for (const b of bars) b.g.classList.toggle('match', !!pattern && pattern.test(b.name));
        }
        document.getElementById('search').addEventListener('click', search);
        window.addEventListener('keydown', event => {
          if ((event.ctrlKey || event.metaKey) && event.key === 'f') { event.preventDefault(); search(); }
        });

        """
}
