import {
  to = prefactor_agent.triage_bot
  id = "01kdvdna0000001a88cvx6pv3pzgqzn6"
}
