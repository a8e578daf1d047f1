"""Images for the browser: layers of a scan, tiled into a pyramid, encoded."""
