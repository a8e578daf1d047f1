"""From raw maps to prepared channels: preparation, streaming statistics, writing."""
