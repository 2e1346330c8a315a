// Adds to the report: sorts its tables, shows the values of its charts, and saves them. Without
// this script, all of the page's contents are still there.
(() => {
  const figures = JSON.parse(document.getElementById('figures').textContent);

  // Tables: each heading becomes a button.

  const numberOf = (cell) => Number(cell.dataset.v ?? (cell.textContent || Number.NaN));
  const collator = new Intl.Collator('en', { numeric: true });

  function compare(a, b, direction) {
    const [x, y] = [numberOf(a), numberOf(b)];
    // Missing values come last in either direction.
    const missing = (cell) => cell.textContent === '–';
    if (missing(a) || missing(b)) return Number(missing(a)) - Number(missing(b));
    if (!Number.isNaN(x) && !Number.isNaN(y)) return direction * (x - y);
    return direction * collator.compare(a.textContent, b.textContent);
  }

  function sortBy(table, heading, at) {
    const descending = heading.getAttribute('aria-sort') === 'ascending';
    for (const other of table.querySelectorAll('th')) other.removeAttribute('aria-sort');
    heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    const body = table.tBodies[0];
    const rows = [...body.rows];
    rows.sort((a, b) => compare(a.cells[at], b.cells[at], descending ? -1 : 1));
    for (const row of rows) body.append(row);
  }

  for (const table of document.querySelectorAll('table')) {
    if (table.tBodies[0].rows.length < 2) continue;
    [...table.tHead.rows].at(-1).childNodes.forEach((heading, at) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener('click', () => sortBy(table, heading, at));
    });
  }

  // Charts: shows the value under the pointer, or the one reached with the arrow keys.

  const hint = document.getElementById('hint');
  const REACH = 12;
  const SYMBOLS =
    '[role=graphics-symbol][aria-label]:not([aria-roledescription=axis],[aria-roledescription=legend],[aria-roledescription=title],[aria-roledescription="text mark"])';

  function middleOf(mark) {
    const box = mark.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2, size: box.width + box.height };
  }

  /** The mark at the pointer, or the nearest small one: a dot is hard to hit. */
  function markAt(marks, event) {
    // Numbers may be drawn on top of a mark.
    const hit = document
      .elementsFromPoint(event.clientX, event.clientY)
      .find((element) => marks.includes(element));
    if (hit) return hit;
    let nearest;
    let least = REACH;
    for (const mark of marks) {
      const { x, y, size } = middleOf(mark);
      const distance = Math.hypot(x - event.clientX, y - event.clientY);
      if (size < 4 * REACH && distance < least) {
        nearest = mark;
        least = distance;
      }
    }
    return nearest;
  }

  function show(mark, at) {
    hint.textContent = mark.getAttribute('aria-label');
    hint.hidden = false;
    const room = document.documentElement.clientWidth - hint.offsetWidth - 8;
    hint.style.left = `${Math.max(8, Math.min(at.x + 12, room)) + scrollX}px`;
    hint.style.top = `${Math.max(8, at.y - hint.offsetHeight - 12) + scrollY}px`;
  }

  for (const chart of document.querySelectorAll('.chart')) {
    const marks = [...chart.querySelectorAll(SYMBOLS)];
    // Equal runs lie on top of each other: the keys read them only once.
    const label = (mark) => mark?.getAttribute('aria-label');
    const stops = marks.filter((mark, at) => label(mark) !== label(marks[at - 1]));
    let chosen = -1;
    const choose = (at) => {
      stops[chosen]?.classList.remove('chosen');
      chosen = at;
      stops[at]?.classList.add('chosen');
      if (!stops[at]) hint.hidden = true;
      else show(stops[at], middleOf(stops[at]));
    };
    const title = document.getElementById(`${chart.dataset.figure}-title`).textContent;
    chart.tabIndex = 0;
    chart.setAttribute('role', 'group');
    chart.setAttribute('aria-label', `${title}: the arrow keys read its values`);
    chart.addEventListener('pointermove', (event) => {
      const mark = markAt(marks, event);
      if (mark) show(mark, { x: event.clientX, y: event.clientY });
      else hint.hidden = true;
    });
    chart.addEventListener('pointerleave', () => choose(-1));
    chart.addEventListener('blur', () => choose(-1));
    chart.addEventListener('keydown', (event) => {
      const last = stops.length - 1;
      const next = {
        ArrowRight: Math.min(chosen + 1, last),
        ArrowLeft: Math.max(chosen - 1, 0),
        Home: 0,
        End: last,
        Escape: -1,
      }[event.key];
      if (next === undefined || last < 0) return;
      event.preventDefault();
      stops[next]?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      choose(next);
    });
  }

  // Downloads.

  function save(name, type, content) {
    const address = URL.createObjectURL(new Blob([content], { type }));
    const link = document.createElement('a');
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  function svgText(chart, title) {
    const svg = chart.querySelector('svg').cloneNode(true);
    for (const name of ['aria-labelledby', 'aria-describedby']) svg.removeAttribute(name);
    svg.querySelector('.chosen')?.removeAttribute('class');
    const name = document.createElementNS(svg.namespaceURI, 'title');
    name.textContent = title;
    svg.prepend(name);
    return new XMLSerializer().serializeToString(svg);
  }

  function savePng(figure, svg, text) {
    const picture = new Image();
    picture.onload = () => {
      const canvas = document.createElement('canvas');
      canvas.width = 2 * svg.width.baseVal.value;
      canvas.height = 2 * svg.height.baseVal.value;
      const pen = canvas.getContext('2d');
      pen.fillStyle = '#ffffff';
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => save(`${figure.name}.png`, 'image/png', blob), 'image/png');
    };
    picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  }

  /**
   * The same as in the CSV files: missing values are empty, and text that a spreadsheet would run
   * gets an apostrophe.
   */
  function csvField(value) {
    if (value === null) return '';
    if (typeof value !== 'string') return String(value);
    const text = /^[=+\-@\t\r＝＋－＠]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function csvText({ columns, rows }) {
    return [columns, ...rows].map((row) => `${row.map(csvField).join(',')}\n`).join('');
  }

  for (const figure of figures) {
    const place = document.getElementById(figure.name);
    const chart = place.querySelector('.chart');
    const downloads = place.querySelector('.downloads');
    downloads.hidden = false;
    downloads.addEventListener('click', (event) => {
      const format = event.target.dataset.format;
      const svg = chart.querySelector('svg');
      if (format === 'svg')
        save(`${figure.name}.svg`, 'image/svg+xml', svgText(chart, figure.title));
      if (format === 'png') savePng(figure, svg, svgText(chart, figure.title));
      if (format === 'csv') save(`${figure.name}.csv`, 'text/csv;charset=utf-8', csvText(figure));
    });
  }

  for (const place of document.querySelectorAll('.flame')) {
    const title = place.querySelector('.flame-title').textContent;
    place.querySelector('[data-format=svg]').addEventListener('click', () => {
      const graph = place.querySelector('.flame-graph');
      save(`${place.id}.svg`, 'image/svg+xml', svgText(graph, title));
    });
  }
})();
