"""What a household owns: works, their editions, and the copies on the shelf."""
