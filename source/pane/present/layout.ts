/** Where each run stands on the Fleet view for a given number of rows and columns. Geometry only: no text. */

export interface Place {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** `pane`: framed with its trace. `compact`: three lines. `row`: a row of the list. `done`: one finished run. */
  readonly shape: 'pane' | 'compact' | 'row' | 'done';
}

export interface FleetLayout {
  readonly kind: 'grid' | 'list';
  readonly places: readonly Place[];
  /** In a list with room below: the current run in full. */
  readonly detail: { readonly y: number; readonly height: number } | null;
  /** Runs that have no place on this page. */
  readonly hidden: number;
}

/** A frame, the meter, the gates and at least two lines of trace. */
const PANE_LEAST = 6;
const COMPACT = 3;
const GAP = 1;
const DETAIL_LEAST = 5;

/** Below these a grid is not worth its frames: one column would be narrower than a line of trace. */
const GRID_COLUMNS = 100;
const GRID_ROWS = 10;
const THREE_ABREAST = 165;

/**
 * Places `live` and `done` runs in `columns` x `rows` cells. Grid of panes when it is wide, three-line panes when there are
 * more, a list when there are many or it is narrow. Pages rather than scrolls, so that moving the cursor moves nothing else.
 */
export function fleetLayout(
  live: readonly string[],
  done: readonly string[],
  cursor: string | null,
  columns: number,
  rows: number,
): FleetLayout {
  if (columns >= GRID_COLUMNS && rows >= GRID_ROWS && live.length > 0) {
    const grid = gridLayout(live, done, cursor, columns, rows);
    if (grid !== null) return grid;
  }
  return listLayout([...live, ...done], cursor, columns, rows);
}

function gridLayout(
  live: readonly string[],
  done: readonly string[],
  cursor: string | null,
  columns: number,
  rows: number,
): FleetLayout | null {
  const doneRows = Math.min(done.length, Math.max(2, Math.floor(rows * 0.2)));
  const room = rows - (doneRows > 0 ? doneRows + 1 : 0);
  const abreast = Math.min(live.length, columns >= THREE_ABREAST ? 3 : 2);
  const deep = Math.ceil(live.length / abreast);
  const each = Math.floor(room / deep);
  const shape = each >= PANE_LEAST ? 'pane' : each >= COMPACT ? 'compact' : null;
  if (shape === null) return null;
  const spare = shape === 'pane' ? room - each * deep : 0;
  const width = Math.floor((columns - GAP * (abreast - 1)) / abreast);
  const places: Place[] = [];
  let y = 0;
  for (let row = 0; row < deep; row++) {
    const height = shape === 'compact' ? Math.min(each, COMPACT + 1) : each + (row < spare ? 1 : 0);
    const inRow = live.slice(row * abreast, (row + 1) * abreast);
    for (const [column, id] of inRow.entries()) {
      const x = column * (width + GAP);
      // The last of a row takes what is left of it, so that no hole stands where more of its trace could.
      const wide = column === inRow.length - 1 ? columns - x : width;
      places.push({ id, x, y, width: wide, height: shape === 'compact' ? COMPACT : height, shape });
    }
    y += height;
  }
  const shown = page(done, cursor, doneRows);
  const from = rows - doneRows;
  shown.forEach((id, at) => {
    places.push({ id, x: 0, y: from + at, width: columns, height: 1, shape: 'done' });
  });
  return { kind: 'grid', places, detail: null, hidden: done.length - shown.length };
}

function listLayout(all: readonly string[], cursor: string | null, columns: number, rows: number): FleetLayout {
  const heading = columns >= 60 && rows >= 6 ? 1 : 0;
  const below = rows - heading - all.length - 1;
  const detailed = columns >= 60 && below >= DETAIL_LEAST;
  // The last row of a list with more pages says how many more there are.
  const room = Math.max(1, all.length > rows - heading && rows > 3 ? rows - heading - 1 : rows - heading);
  const shown = page(all, cursor, room);
  return {
    kind: 'list',
    places: shown.map((id, at) => ({ id, x: 0, y: heading + at, width: columns, height: 1, shape: 'row' })),
    detail: detailed ? { y: rows - below, height: below } : null,
    hidden: all.length - shown.length,
  };
}

/** The page of `size` that holds the cursor. */
function page(ids: readonly string[], cursor: string | null, size: number): readonly string[] {
  if (size <= 0) return [];
  const at = Math.max(0, cursor === null ? 0 : ids.indexOf(cursor));
  const start = Math.floor(at / size) * size;
  return ids.slice(start, start + size);
}

export type Direction = 'up' | 'down' | 'left' | 'right';

/** The run that an arrow key leads to: the nearest place on that side, else the next one in order; `from` itself at the end. */
export function neighbour(
  layout: FleetLayout,
  ids: readonly string[],
  from: string | null,
  direction: Direction,
): string | null {
  const here = layout.places.find(({ id }) => id === from);
  if (here === undefined) return ids[0] ?? null;
  const middle = { x: here.x + here.width / 2, y: here.y + here.height / 2 };
  let best: { id: string; distance: number } | null = null;
  for (const place of layout.places) {
    if (!isBeside(here, place, direction)) continue;
    const dx = Math.abs(place.x + place.width / 2 - middle.x);
    const dy = Math.abs(place.y + place.height / 2 - middle.y);
    // A cell is about twice as high as wide; straight ahead beats close by.
    const distance = direction === 'up' || direction === 'down' ? dy * 2 + dx * 0.1 : dx + dy * 4;
    if (best === null || distance < best.distance) best = { id: place.id, distance };
  }
  if (best !== null) return best.id;
  const at = ids.indexOf(here.id);
  if (direction === 'down') return ids[at + 1] ?? here.id;
  if (direction === 'up') return ids[at - 1] ?? here.id;
  return here.id;
}

function isBeside(here: Place, there: Place, direction: Direction): boolean {
  switch (direction) {
    case 'up':
      return there.y + there.height <= here.y;
    case 'down':
      return there.y >= here.y + here.height;
    case 'left':
      return there.x + there.width <= here.x && overlaps(here, there);
    case 'right':
      return there.x >= here.x + here.width && overlaps(here, there);
  }
}

const overlaps = (a: Place, b: Place) => a.y < b.y + b.height && b.y < a.y + a.height;
