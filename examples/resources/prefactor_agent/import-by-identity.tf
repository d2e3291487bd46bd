import {
  to = prefactor_agent.triage_bot
  identity = {
    id = "01kdvdna0000001a88cvx6pv3pzgqzn6"
  }
}
