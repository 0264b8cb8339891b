"""One module per group of slides; each function returns the slides for which there is data, or none."""
