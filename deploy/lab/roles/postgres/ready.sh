[ "$PARAM_STATE" = stopped ] || exec pg_isready --quiet
