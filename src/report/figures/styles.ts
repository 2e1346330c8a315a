/** Names by which a theme finds the marks whose style depends on the available room. */

/** Labels of an axis of sizes. */
export const SIZES_STYLE = 'sizes';
/** The name beside a threshold; the style of its rule has the same name with `-rule`. */
export const THRESHOLD_STYLE = 'threshold';
/** The share written in a segment or a field. */
export const SEGMENT_STYLE = 'segment';
