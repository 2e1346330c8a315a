// Adds to the flame graphs of a page: a click or Enter zooms into a box, the arrow keys go from box
// to box, and names are searched. Without this script, the graphs and their tables are still there.
(() => {
  const LETTERS = 14; // Room for two letters, in pixels.

  for (const figure of document.querySelectorAll('.flame')) {
    const graph = figure.querySelector('.flame-graph');
    const told = figure.querySelector('.flame-told');
    const found = figure.querySelector('.flame-found');
    const search = figure.querySelector('input');
    const whole = figure.querySelector('[data-whole]');
    const frames = [...graph.querySelectorAll('.box-of')].map((box) => ({
      box,
      name: box.dataset.name,
      mark: box.dataset.mark ?? '',
      depth: Number(box.dataset.depth),
      start: Number.parseFloat(box.getAttribute('x')),
      width: Number.parseFloat(box.getAttribute('width')),
      words: box.querySelector('title').textContent,
      shown: true,
    }));
    const all = { depth: -1, start: 0, width: 100 };
    let zoomed = all;
    let chosen;

    // Positions are rounded to a ten-thousandth.
    const within = (inner, outer) =>
      inner.start >= outer.start - 1e-3 &&
      inner.start + inner.width <= outer.start + outer.width + 1e-3;

    function label(frame, room) {
      let text = frame.box.querySelector('text');
      if (room < LETTERS) text?.remove();
      else if (!text) {
        text = document.createElementNS(frame.box.namespaceURI, 'text');
        for (const [name, value] of [
          ['x', 4],
          ['y', 13],
          ['fill', '#000000'],
        ]) {
          text.setAttribute(name, value);
        }
        text.textContent = frame.mark + frame.name;
        frame.box.append(text);
      }
    }

    function draw() {
      const room = graph.clientWidth;
      for (const frame of frames) {
        const inside = within(frame, zoomed);
        const caller = frame.depth < zoomed.depth && within(zoomed, frame);
        frame.shown = caller || (inside && frame.depth >= zoomed.depth);
        if (!frame.shown) {
          frame.box.setAttribute('display', 'none');
          continue;
        }
        frame.box.removeAttribute('display');
        const start = caller ? 0 : (100 * (frame.start - zoomed.start)) / zoomed.width;
        const width = caller ? 100 : (100 * frame.width) / zoomed.width;
        frame.box.setAttribute('x', `${start}%`);
        frame.box.setAttribute('width', `${width}%`);
        label(frame, (room * width) / 100);
      }
      whole.disabled = zoomed === all;
    }

    function tell(frame) {
      told.textContent = frame ? frame.words : '';
    }

    function choose(frame) {
      chosen?.box.classList.remove('chosen');
      chosen = frame;
      chosen?.box.classList.add('chosen');
      tell(chosen);
    }

    function zoom(frame) {
      zoomed = frame;
      draw();
    }

    function seek() {
      const wanted = search.value.trim().toLowerCase();
      const met =
        wanted === '' ? [] : frames.filter(({ name }) => name.toLowerCase().includes(wanted));
      for (const frame of frames) {
        frame.box.classList.toggle('met', met.includes(frame));
        frame.box.classList.toggle('unmet', wanted !== '' && !met.includes(frame));
      }
      // A function that has called itself, or another that was found, counts once.
      const outermost = met.filter(
        (frame) => !met.some((other) => other.depth < frame.depth && within(frame, other)),
      );
      const share = outermost.reduce((sum, { width }) => sum + width, 0);
      found.textContent =
        wanted === ''
          ? ''
          : `${met.length} ${met.length === 1 ? 'box' : 'boxes'}, ${Number(share.toPrecision(3))} % of the whole`;
    }

    const nearest = (candidates, { start, width }) =>
      candidates.reduce((best, frame) => {
        const distance = (one) => Math.abs(one.start + one.width / 2 - start - width / 2);
        return !best || distance(frame) < distance(best) ? frame : best;
      }, undefined);

    /** The box that a key leads to; undefined if there is none. */
    function towards(key) {
      const shown = frames.filter((frame) => frame.shown);
      if (!chosen?.shown) return shown.find(({ depth }) => depth === 0);
      const row = shown
        .filter(({ depth }) => depth === chosen.depth)
        .sort((a, b) => a.start - b.start);
      const at = row.indexOf(chosen);
      switch (key) {
        case 'ArrowLeft':
          return row[at - 1];
        case 'ArrowRight':
          return row[at + 1];
        case 'Home':
          return row[0];
        case 'End':
          return row.at(-1);
        case 'ArrowDown':
          return shown.find(
            ({ depth, ...place }) => depth === chosen.depth - 1 && within(chosen, place),
          );
        case 'ArrowUp':
          return nearest(
            shown.filter((frame) => frame.depth === chosen.depth + 1 && within(frame, chosen)),
            chosen,
          );
      }
    }

    figure.querySelector('.flame-tools').hidden = false;
    told.hidden = false;
    graph.tabIndex = 0;
    graph.setAttribute('role', 'group');
    graph.setAttribute(
      'aria-label',
      `${figure.querySelector('.flame-title').textContent}: arrow keys go from box to box, Enter zooms, Escape shows all`,
    );
    graph.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        zoom(all);
        choose(undefined);
      } else if (event.key === 'Enter' || event.key === ' ') {
        if (chosen) zoom(chosen === zoomed ? all : chosen);
      } else if (/^(Arrow|Home$|End$)/.test(event.key)) {
        const next = towards(event.key);
        if (next) choose(next);
      } else return;
      event.preventDefault();
    });
    const frameAt = (event) => {
      const box = event.target.closest('.box-of');
      return frames.find((frame) => frame.box === box);
    };
    graph.addEventListener('click', (event) => {
      const frame = frameAt(event);
      if (!frame) return;
      choose(frame);
      zoom(frame);
    });
    graph.addEventListener('pointerover', (event) => tell(frameAt(event) ?? chosen));
    graph.addEventListener('pointerleave', () => tell(chosen));
    whole.addEventListener('click', () => {
      zoom(all);
      choose(undefined);
    });
    search.addEventListener('input', seek);
    // A graph has no width while it is folded.
    new ResizeObserver(draw).observe(graph);
    draw();
  }
})();
