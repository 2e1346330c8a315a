/** Names by which a theme finds what depends on the room that there is. */

/** Labels of an axis of sizes. */
export const SIZES_STYLE = 'sizes';
/** The name beside a threshold; its rule has the same with `-rule`. */
export const THRESHOLD_STYLE = 'threshold';
/** The share that is written in a segment or a field. */
export const SEGMENT_STYLE = 'segment';
