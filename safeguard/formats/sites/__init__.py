"""Site profiles: what is known of each social network beyond the generic core. Pure data from rules/sites/."""
