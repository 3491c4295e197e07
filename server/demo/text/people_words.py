"""Sentences of notifications."""

NOTIFICATIONS: dict[str, str] = {
    "like": "liked your photo",
    "comment": "commented on your photo",
    "follow": "started following you",
    "follow_request": "asked to follow you",
    "mention": "mentioned you in a comment",
    "reply": "replied to your comment",
}
