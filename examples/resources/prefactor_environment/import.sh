# By the environment's id, which data.prefactor_environment finds by name.
terraform import prefactor_environment.qa 01kdvdna0000001a8g6y3sj2bdmx8w0k
