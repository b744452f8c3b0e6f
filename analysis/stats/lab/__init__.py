"""What only the video trainer of the lab is asked: cycles of beta, and the use of z."""
