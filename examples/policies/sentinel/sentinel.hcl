policy "prefactor" {
  source            = "./prefactor.sentinel"
  enforcement_level = "soft-mandatory"
}
