"""The tensor lab: how few bits does this tensor need?"""
