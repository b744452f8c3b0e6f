"""The words of an image: broken into lines that its places hold (`wrapping`)."""
