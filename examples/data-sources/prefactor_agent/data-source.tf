data "prefactor_agent" "support_bot" {
  name = "support-bot"
}

# By its name in another system, which never changes.
data "prefactor_agent" "returns_bot" {
  external_identifier = "crm/returns-bot"
}

output "support_bot_status" {
  value = data.prefactor_agent.support_bot.status
}
