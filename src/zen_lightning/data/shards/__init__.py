"""Images in shards of the WebDataset format: tar files that hold an image and its label next to each other."""
