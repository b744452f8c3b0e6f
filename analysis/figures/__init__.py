"""What each figure shows, as plain values, and how it is drawn: by matplotlib, and for plotly."""
