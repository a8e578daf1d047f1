// The types of the server's messages, as annotate/messages.py and annotate/stream_messages.py declare them. Nothing in this file runs.

/** @typedef {[row: number, column: number]} Point in scan pixels; pixel centres have whole coordinates */

/** @typedef {[top: number, left: number, height: number, width: number]} Region in model pixels, half open */

/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {string} title for people
 * @property {"raster"|"shaded"|"drawing"|"vector"} kind
 * @property {string} key switches it on and off; empty: no key does
 * @property {number} opacity that it begins with, in [0, 1]
 * @property {Record<string, string>} colours #rrggbb, by what it means
 */

/**
 * @typedef {object} PlacesCount how many places are done
 * @property {number} of places that there are
 * @property {number} right as a person said that they look right
 * @property {number|null} corrected by strokes, and next to nothing wrong is expected there; null: not known
 * @property {number|null} expected wrong pixels in the other places; null: not known
 */

/**
 * @typedef {object} Places cells of the mirror
 * @property {number} cell side, model pixels
 * @property {Region[]} grid
 * @property {(number|null)[]} quality estimated, in [0, 1]
 * @property {(number|null)[]} wrong pixels to expect
 * @property {(""|"seen"|"corrected")[]} state seen: looks right to a person; empty: open
 * @property {number[]} reopened looked right to a person, but the drawing has changed there since
 * @property {PlacesCount|null} count
 * @property {number|null} next the one to look at first
 * @property {number|null} progress share that is done, in [0, 1]
 * @property {boolean} unsure_first whether the next one is where the model is least sure
 */

/**
 * @typedef {object} Standing
 * @property {number} event the last one in the drawing
 * @property {number} strokes
 * @property {number} waiting
 * @property {boolean} can_undo
 * @property {boolean} can_redo
 * @property {boolean} can_keep
 * @property {number} pending_refine
 * @property {number} off_object model pixels of line off the object, which exports leave out
 */

/** @typedef {"learned"|"model"|"otsu"|"sauvola"|"drawing"|"empty"} Source */

/**
 * @typedef {object} Redrawing what a model that has learned would draw anew, until somebody decides
 * @property {string} version
 * @property {boolean} proved whether it drew better on places that it had not learned from
 * @property {number[]} cells places in which line would come or go
 * @property {number} come pixels
 * @property {number} go pixels
 */

/**
 * @typedef {object} Learning
 * @property {string} version that draws and answers, for people
 * @property {boolean} learned whether it is another one than came with the program
 * @property {string|null} says what the last learning came to
 * @property {number[]} taught places that were learned from
 * @property {number[]} untaught places that are done and were not learned from yet
 * @property {boolean} previewable
 * @property {Redrawing|null} redrawing
 */

/**
 * @typedef {object} LineShowing how all photographs of a set are shown to models
 * @property {number} line_width that lines are taken to have, pixels of the photographs
 * @property {"dark"|"bright"} polarity
 * @property {string} channel
 * @property {number} scale model pixels a pixel
 * @property {"given"|"measured"|"estimated"} known how the width is known
 */

/**
 * @typedef {object} MirrorState
 * @property {string} name
 * @property {string} object
 * @property {[number, number]} shape rows and columns of the scan
 * @property {[number, number]} model_shape
 * @property {number} scale model pixels a scan pixel
 * @property {number|null} pixels_per_mm
 * @property {string} version
 * @property {boolean} has_truth
 * @property {boolean} started
 * @property {Source[]} sources
 * @property {Source[]} previews those of which there is a picture
 * @property {Layer[]} layers from below
 * @property {{ready: boolean, size: number, levels: number}} tiles
 * @property {{radius_px: number, deviation_px: number}} pen
 * @property {LineShowing|null} showing null: all are shown alike, as mirrors are
 * @property {boolean} refines
 * @property {boolean} model_ready
 * @property {string|null} model_problem
 * @property {Record<string, string>} refused why strokes could not be answered, by the numbers of their events
 * @property {string|null} read_only
 * @property {Places|null} places
 * @property {Learning|null} learning null: nothing can be learned here
 * @property {Job[]} jobs those that wait or run, and those that failed
 * @property {number} [latency] ms that the last answer took; the page's own
 */

/** @typedef {MirrorState & Standing} State */

/**
 * @typedef {object} Stroke
 * @property {string} client
 * @property {1|-1} sign
 * @property {Point[]} path_px
 * @property {number[]} radius_px
 */

/** @typedef {Stroke & {refine: boolean}} StrokeRequest */

/**
 * @typedef {object} MirrorEntry of the list
 * @property {string} name
 * @property {string} object
 * @property {[number, number]} shape
 * @property {number|null} pixels_per_mm
 * @property {boolean} started
 * @property {number|null} progress
 * @property {PlacesCount|null} places
 * @property {number} strokes
 * @property {string|null} changed
 * @property {string|null} problem
 */

/**
 * @typedef {object} ChangeBody
 * @property {"change"} type
 * @property {"stroke"|"undo"|"redo"|"keep"|"refine"} cause
 * @property {number|null} stroke
 * @property {boolean} bare
 * @property {Region} region
 * @property {number} changed
 * @property {string} png base64
 * @property {string|null} message
 */

/** @typedef {ChangeBody & Standing} Change */

/** @typedef {{type: "redrawn", cause: "redraw"|"undo"|"redo", region: Region, png: string} & Standing} Redrawn */

/** @typedef {{type: "marked", cause: "seen"|"undo"|"redo", cell: number|null} & Standing} Marked */

/** @typedef {"tiles"|"previews"|"start"|"model"|"refine"|"learn"|"showing"} JobKind */

/** @typedef {{job: JobKind, share: number, done: boolean, error: string|null, waits_for: string|null}} Job */

/**
 * @typedef {{type: "hello", event: number, state: State} | Change | Marked | Redrawn
 *   | {type: "learning", learning: Learning} | {type: "places", places: Places} | {type: "job"} & Job
 *   | {type: "refused", event: number, stroke: number, message: string} | {type: "started", event: number}
 *   | {type: "trouble", message: string} | {type: "recovered", event: number, message: string|null}
 *   | {type: "unavailable", message: string}} Message
 */

export {};
