# By the person's id, which data.prefactor_person finds by email address.
terraform import prefactor_person.ada 01kdvdna0000001a8d4f6h8j2k5m7n9p
