"""The data that come with the book, and the way to MNIST, which does not."""
