"""Line drawings as arrays: skeletons, paths, graphs, centre lines, discs."""
