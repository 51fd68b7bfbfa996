"""Small networks: settings, data, statistics, budgets, downloads without torch; ``engine`` runs them and needs it."""
