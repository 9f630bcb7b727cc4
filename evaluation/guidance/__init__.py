"""Priority guidance (重点指導): help for low-rated hubs, from trigger to measured effect (S92)."""
