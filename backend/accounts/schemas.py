"""What the sign-in form holds."""

from pydantic import BaseModel, Field


class SignIn(BaseModel):
    """Login, password and the six digits, in one form: an answer to each part would tell which was right."""

    login: str = Field(max_length=100)
    password: str = Field(max_length=300)
    code: str = Field(max_length=20)
    next: str | None = Field(default=None, max_length=500)
